/*
 * What a program that uses JDBC does; every statement of it is checked, and the last line says that it is done.
 * Takes URL, user and password as arguments. Run from its source: java -cp postgresql.jar JdbcClient.java
 */

import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

public class JdbcClient {
  private static String[] login;

  public static void main(String[] words) throws Exception {
    login = words;
    // The default (statements are prepared at their fifth run), always, never, and the simple protocol.
    for (String settings : new String[] {"", "prepareThreshold=-1", "prepareThreshold=0", "preferQueryMode=simple"}) {
      try (Connection connection = connect(settings)) {
        types(connection, settings.contains("simple"));
        batches(connection);
        transactions(connection);
        cursors(connection, settings.contains("simple"));
      }
    }
    try (Connection connection = connect("reWriteBatchedInserts=true")) {
      batches(connection);
      metadata(connection);
      copying(connection);
      cancelling(connection);
      notifications(connection);
      keys(connection);
    }
    System.out.println("done");
  }

  private static Connection connect(String settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", login[1]);
    properties.setProperty("password", login[2]);
    properties.setProperty("ApplicationName", "jdbc tool");
    return DriverManager.getConnection(login[0] + "?" + settings, properties);
  }

  private static void check(Object found, Object expected) {
    if (!Objects.deepEquals(found, expected)) throw new AssertionError(found + " is not " + expected);
  }

  private interface Step {
    void run() throws SQLException;
  }

  private static SQLException fails(String state, Step step) {
    try {
      step.run();
    } catch (SQLException error) {
      check(error.getSQLState(), state);
      return error;
    }
    throw new AssertionError("it did not fail with " + state);
  }

  private static void types(Connection connection, boolean isSimple) throws SQLException {
    OffsetDateTime time = OffsetDateTime.of(2026, 11, 21, 10, 11, 12, 345678000, ZoneOffset.UTC);
    Object[] values = {
      true, 7, 1L << 40, new BigDecimal("1234567890.0987654321"), 1.5, "naïve 😀", time, new UUID(1, 2), null
    };
    String[] casts = {"bool", "int4", "int8", "numeric", "float8", "text", "timestamptz", "uuid", "text"};
    // Ten rounds, because the driver changes to binary results and named statements on the way.
    for (int round = 0; round < 10; round++) {
      for (int at = 0; at < values.length; at++) {
        try (PreparedStatement statement = connection.prepareStatement("select ?::" + casts[at])) {
          statement.setObject(1, values[at]);
          ResultSet rows = statement.executeQuery();
          rows.next();
          check(at == 6 ? rows.getObject(1, OffsetDateTime.class) : rows.getObject(1), values[at]);
        }
      }
    }
    try (PreparedStatement statement = connection.prepareStatement("select ?::bytea, ?::text[]")) {
      if (!isSimple) {
        statement.setBytes(1, new byte[] {0, 1, -1});
        statement.setArray(2, connection.createArrayOf("text", new String[] {"a", "b\"c", null}));
        ResultSet rows = statement.executeQuery();
        rows.next();
        check(rows.getBytes(1), new byte[] {0, 1, -1});
        check(rows.getArray(2).getArray(), new String[] {"a", "b\"c", null});
      }
    }
  }

  private static void batches(Connection connection) throws SQLException {
    run(connection, "drop table if exists items; create temp table items (id int primary key, name text)");
    try (PreparedStatement statement = connection.prepareStatement("insert into items values (?, ?)")) {
      for (int id = 0; id < 1000; id++) {
        statement.setInt(1, id);
        statement.setString(2, "name " + id);
        statement.addBatch();
      }
      check(statement.executeBatch().length, 1000);
      statement.setInt(1, 5000);
      statement.setString(2, "perhaps lost");
      statement.addBatch();
      statement.setInt(1, 7);
      statement.addBatch();
      SQLException error = fails("23505", statement::executeBatch);
      check(error instanceof BatchUpdateException, true);
    }
    run(connection, "delete from items where id = 5000");
    check(number(connection, "select count(*) from items"), 1000L);
  }

  private static void transactions(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    run(connection, "insert into items values (2000, 'kept')");
    Savepoint savepoint = connection.setSavepoint("here");
    fails("23505", () -> run(connection, "insert into items values (2000, 'again')"));
    fails("25P02", () -> run(connection, "select 1"));
    connection.rollback(savepoint);
    connection.commit();
    run(connection, "delete from items");
    connection.rollback();
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    connection.setReadOnly(true);
    fails("25006", () -> run(connection, "create table forbidden (a int)"));
    connection.rollback();
    connection.setReadOnly(false);
    check(number(connection, "select count(*) from items"), 1001L);
    connection.commit();
    connection.setAutoCommit(true);
  }

  private static void cursors(Connection connection, boolean isSimple) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(50);
      ResultSet rows = statement.executeQuery("select generate_series(1, 1234)");
      long sum = 0;
      while (rows.next()) sum += rows.getLong(1);
      check(sum, 761995L);
      statement.setMaxRows(10);
      ResultSet few = statement.executeQuery("select generate_series(1, 1000)");
      int count = 0;
      while (few.next()) count++;
      // The simple protocol cannot limit rows.
      check(count, isSimple ? 1000 : 10);
    }
    connection.commit();
    connection.setAutoCommit(true);
    try (Statement statement =
        connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
      ResultSet rows = statement.executeQuery("select id, name from items where id < 3 order by id");
      rows.last();
      rows.updateString(2, "updated");
      rows.updateRow();
      check(rows.getRow(), 3);
    }
    check(number(connection, "select count(*) from items where name = 'updated'"), 1L);
  }

  private static void metadata(Connection connection) throws SQLException {
    run(connection, "create table parent (id int primary key, name varchar(30) not null)");
    run(connection, "create table child (id serial primary key, parent int references parent on delete cascade)");
    DatabaseMetaData metadata = connection.getMetaData();
    check(metadata.getDatabaseMajorVersion(), 18);
    check(names(metadata.getTables(null, "public", "%", new String[] {"TABLE"}), 3), List.of("child", "parent"));
    check(names(metadata.getColumns(null, "public", "parent", "%"), 4), List.of("id", "name"));
    check(names(metadata.getPrimaryKeys(null, "public", "child"), 4), List.of("id"));
    check(names(metadata.getImportedKeys(null, "public", "child"), 8), List.of("parent"));
    check(names(metadata.getIndexInfo(null, "public", "parent", true, false), 6), List.of("parent_pkey"));
    check(names(metadata.getSchemas(), 1).contains("public"), true);
    check(names(metadata.getTypeInfo(), 1).contains("jsonb"), true);
    check(connection.getClientInfo("ApplicationName"), "jdbc tool");
    check(connection.isValid(5), true);
  }

  private static void copying(Connection connection) throws Exception {
    run(connection, "create temp table copied (id int, text text)");
    StringBuilder lines = new StringBuilder();
    for (int id = 0; id < 20000; id++) lines.append(id).append("\tline ").append(id).append('\n');
    var copy = connection.unwrap(PGConnection.class).getCopyAPI();
    check(copy.copyIn("copy copied from stdin", new StringReader(lines.toString())), 20000L);
    StringWriter found = new StringWriter();
    check(copy.copyOut("copy copied to stdout", found), 20000L);
    check(found.toString(), lines.toString());
  }

  private static void cancelling(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      fails("57014", () -> statement.execute("select pg_sleep(600)"));
    }
    check(number(connection, "select 1"), 1L);
  }

  private static void notifications(Connection connection) throws SQLException {
    run(connection, "listen java_news");
    try (Connection other = connect("")) {
      run(other, "notify java_news, 'hello'");
    }
    PGNotification[] heard = connection.unwrap(PGConnection.class).getNotifications(60_000);
    check(heard.length, 1);
    check(heard[0].getParameter(), "hello");
  }

  private static void keys(Connection connection) throws SQLException {
    run(connection, "insert into parent values (1, 'one')");
    try (PreparedStatement statement =
        connection.prepareStatement("insert into child (parent) values (?)", Statement.RETURN_GENERATED_KEYS)) {
      statement.setInt(1, 1);
      check(statement.executeUpdate(), 1);
      check(names(statement.getGeneratedKeys(), 1), List.of("1"));
    }
    run(connection, "create procedure doubled(inout n int) language plpgsql as $$ begin n := n * 2; end $$");
    try (PreparedStatement call = connection.prepareStatement("call doubled(?)")) {
      call.setInt(1, 21);
      call.execute();
      check(names(call.getResultSet(), 1), List.of("42"));
    }
  }

  private static List<String> names(ResultSet rows, int column) throws SQLException {
    List<String> found = new ArrayList<>();
    while (rows.next()) found.add(rows.getString(column));
    return found;
  }

  private static long number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      ResultSet rows = statement.executeQuery(query);
      rows.next();
      return rows.getLong(1);
    }
  }

  private static void run(Connection connection, String text) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }
}
