/**
 * The settings that clients are told of, by name. Knows no value and no client.
 */

/**
 * What is reported to a client at the start and whenever it changes (PostgreSQL 18 documentation, section
 * 54.2.7), in the order in which a server of PostgreSQL 18 sends it.
 */
export const reportedSettings = [
  'in_hot_standby',
  'integer_datetimes',
  'TimeZone',
  'IntervalStyle',
  'is_superuser',
  'application_name',
  'default_transaction_read_only',
  'scram_iterations',
  'DateStyle',
  'search_path',
  'standard_conforming_strings',
  'session_authorization',
  'client_encoding',
  'server_version',
  'server_encoding',
] as const
