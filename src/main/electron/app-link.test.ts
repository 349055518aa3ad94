/** Goal: whatever a hostile page puts into a link, the app at most shows something. Method: texts by the thousand. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { linkedPages, shellRequestSchema } from '../../contract/shell-request.ts'
import { isLink, parseLink } from './app-link.ts'

/** Everything that a link can ever ask for. */
const harmlessKinds = ['page', 'instance']

/** Texts like those of links, bent in the places where parsers differ. */
const bentLinks = fc
  .tuple(
    fc.constantFrom('wardian:', 'WARDIAN:', 'wardian:/', 'wardian://', ' wardian://', 'file://', 'app://'),
    fc.constantFrom('show', 'instance', 'run', 'sql', 'open', 'user@show', 'show:80', '', 'SHOW', '..'),
    fc.constantFrom('/', '', '//', '/../', '/%2e%2e/', '\\'),
    fc.oneof(fc.constantFrom(...linkedPages), fc.webPath(), fc.string(), fc.string({ unit: 'binary' })),
    fc.oneof(
      fc.constant(''),
      fc.webQueryParameters(),
      fc.constant('?sql=drop table orders'),
      fc.constant('#x'),
    ),
  )
  .map((parts) => parts.join(''))

describe('a link', () => {
  it.each(linkedPages)('shows the page %s', (page) => {
    expect(parseLink(`wardian://show/${page}`)).toEqual({ kind: 'page', page })
  })

  it('shows an instance by its name', () => {
    expect(parseLink('wardian://instance/shop%20of%20%C3%A9clairs')).toEqual({
      kind: 'instance',
      name: 'shop of éclairs',
    })
  })

  it.each([
    'wardian://run/select%201',
    'wardian://sql/select%201',
    'wardian://instance/shop?sql=drop%20table%20orders',
    'wardian://instance/shop#drop',
    'wardian://user@instance/shop',
    'wardian://instance:5432/shop',
    'wardian://instance/',
    `wardian://instance/${'a'.repeat(64)}`,
    'wardian://instance/a%00b',
    'wardian://instance/a%E2%80%AEb',
    'wardian://instance/%ff',
    'wardian://show/settings',
    'wardian://show/dashboard/',
    'wardian://import/etc/passwd',
    'https://show/dashboard',
    'wardian:show/dashboard',
    '',
  ])('asks for nothing when it is %s', (link) => {
    expect(parseLink(link)).toBeNull()
  })

  it('never throws, and never asks for more than to show something', () => {
    fc.assert(
      fc.property(fc.oneof(bentLinks, fc.string(), fc.webUrl()), (link) => {
        const request = parseLink(link)
        if (request === null) return
        expect(harmlessKinds).toContain(request.kind)
        expect(shellRequestSchema.parse(request, 'request')).toEqual(request)
        expect(isLink(link.trim())).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  it('is found again whatever an instance is called', () => {
    const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((name) => {
      return name.length <= 63 && /^[^\p{C}]+$/u.test(name) && name !== '.' && name !== '..'
    })
    fc.assert(
      fc.property(names, (name) => {
        expect(parseLink(`wardian://instance/${encodeURIComponent(name)}`)).toEqual({
          kind: 'instance',
          name,
        })
      }),
    )
  })
})
