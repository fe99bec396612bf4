import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.Executors;

import com.huawei.gauss200.jdbc.PGConnection;

/** Drives DWS's JDBC driver against the embedded coordinator: Check SERVER. */
public class Check {
    static String server;

    interface Body {
        void run(String address, Properties login) throws Exception;
    }

    /** Starts the server with options and hands on where it is and who logs in. */
    static void with(Body body, String... options) throws Exception {
        String[] command = new String[options.length + 1];
        command[0] = server;
        System.arraycopy(options, 0, command, 1, options.length);
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            String[] words = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine().split(" ");
            Properties login = new Properties();
            login.setProperty("user", words[2]);
            login.setProperty("password", words[3]);
            body.run("jdbc:gaussdb://" + words[0] + ":" + words[1] + "/" + words[4], login);
        } finally {
            process.getOutputStream().close();
        }
        same(process.waitFor(), 0);
    }

    static void same(Object got, Object want) {
        if (!got.equals(want)) {
            throw new AssertionError("got " + got + ", want " + want);
        }
    }

    interface Action {
        void run() throws SQLException;
    }

    static void fails(String state, Action action) {
        try {
            action.run();
        } catch (SQLException e) {
            if (!state.equals(e.getSQLState())) {
                throw new AssertionError("SQLSTATE " + e.getSQLState() + " and not " + state, e);
            }
            return;
        }
        throw new AssertionError("no error " + state);
    }

    static String one(Connection c, String query) throws SQLException {
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery(query)) {
            r.next();
            return r.getString(1);
        }
    }

    static void story(Connection c) throws Exception {
        same(one(c, "select version()").contains("GaussDB 8.2.1"), true);
        try (Statement s = c.createStatement()) {
            s.execute("drop table if exists jdbc");
            s.execute("create table jdbc (id int primary key, name text, f float8, n numeric(20, 4), at timestamptz, b bytea, y bool) with (orientation = column) distribute by hash(id)");
        }
        Timestamp at = Timestamp.from(OffsetDateTime.parse("2024-05-06T07:08:09.123456Z").toInstant());
        try (PreparedStatement p = c.prepareStatement("insert into jdbc values (?, ?, ?, ?, ?, ?, ?)")) {
            for (int id = 1; id <= 10; id++) { // from the fifth on it is a named statement
                p.setInt(1, id);
                p.setString(2, id == 1 ? "it's 日本" : null);
                p.setDouble(3, 0.1);
                p.setBigDecimal(4, new BigDecimal("1234567890123456.7891"));
                p.setTimestamp(5, at);
                p.setBytes(6, new byte[] {0, (byte) 255});
                p.setBoolean(7, id % 2 == 0);
                same(p.executeUpdate(), 1);
            }
            for (int id = 100; id < 150; id++) {
                p.setInt(1, id);
                p.addBatch();
            }
            same(Arrays.stream(p.executeBatch()).map(Math::abs).filter(n -> n == 1 || n == 2).count(), 50L);
        }
        try (PreparedStatement p = c.prepareStatement("select * from jdbc where id < ? order by id")) {
            for (int round = 0; round < 7; round++) {
                p.setInt(1, 3);
                try (ResultSet r = p.executeQuery()) {
                    same(r.next(), true);
                    same(r.getString("name"), "it's 日本");
                    same(r.getDouble("f"), 0.1);
                    same(r.getBigDecimal("n"), new BigDecimal("1234567890123456.7891"));
                    same(r.getTimestamp("at"), at);
                    same(Arrays.equals(r.getBytes("b"), new byte[] {0, (byte) 255}), true);
                    same(r.getBoolean("y"), false);
                    same(r.next() && r.getString("name") == null && r.getBoolean("y"), true);
                    same(r.next(), false);
                    same(r.getMetaData().getColumnTypeName(4), "numeric");
                    same(r.getMetaData().getPrecision(4), 20);
                }
            }
        }

        c.setAutoCommit(false);
        try (Statement s = c.createStatement()) {
            s.setFetchSize(20);
            try (ResultSet r = s.executeQuery("select id from jdbc order by id")) { // in portions
                int n = 0;
                while (r.next()) {
                    n++;
                }
                same(n, 60);
            }
            same(s.executeUpdate("delete from jdbc where id >= 100"), 50);
            Savepoint point = c.setSavepoint();
            fails("23505", () -> s.executeUpdate("insert into jdbc (id) values (1)"));
            fails("25P02", () -> s.executeQuery("select 1"));
            c.rollback(point);
            same(one(c, "select count(*) from jdbc"), "10");
            c.rollback();
            same(one(c, "select count(*) from jdbc"), "60");
            c.commit();
        }
        c.setAutoCommit(true);

        same(((PGConnection) c).getCopyAPI().copyIn("copy jdbc (id, name) from stdin", new StringReader("1000\tten\n1001\t\\N\n")), 2L);
        StringWriter out = new StringWriter();
        same(((PGConnection) c).getCopyAPI().copyOut("copy (select id, name from jdbc where id >= 1000 order by id) to stdout with csv", out), 2L);
        same(out.toString(), "1000,ten\n1001,\n");

        fails("42P01", () -> one(c, "select * from nowhere"));
        fails("0A000", () -> one(c, "discard all"));
        try (Statement s = c.createStatement()) {
            s.setQueryTimeout(1); // cancels by a request of its own
            fails("57014", () -> s.executeQuery("select pg_sleep(30)"));
            s.setQueryTimeout(0);
            s.execute("drop table jdbc");
        }
    }

    public static void main(String[] args) throws Exception {
        server = args[0];
        Class.forName("com.huawei.gauss200.jdbc.Driver");
        with((address, login) -> {
            try (Connection c = DriverManager.getConnection(address, login)) {
                story(c);
            }
            Properties wrong = (Properties) login.clone();
            wrong.setProperty("password", "wrong");
            fails("28P01", () -> DriverManager.getConnection(address, wrong));
            fails("3D000", () -> DriverManager.getConnection(address.replace("/gaussdb", "/nowhere"), login));
        });
        String[][] ways = {{"-password_encryption_type", "1"}, {"-password_encryption_type", "0"}, {"-auth", "sha256-md5"}, {"-auth", "md5-sha256", "-iterations", "2048"}, {"-tls"}};
        for (String[] way : ways) {
            with((address, login) -> {
                if (way[0].equals("-tls")) {
                    login.setProperty("sslmode", "require");
                }
                try (Connection c = DriverManager.getConnection(address, login)) {
                    same(one(c, "select 'in'"), "in");
                }
            }, way);
        }
        with((address, login) -> {
            login.setProperty("protocolVersion", "3"); // is not told the iterations, and checks the server's signature
            try (Connection c = DriverManager.getConnection(address, login)) {
                same(one(c, "select 'in'"), "in");
            }
        }, "-iterations", "2048");
        System.out.println("DWS's JDBC driver finds DWS");
        System.exit(0);
    }
}
