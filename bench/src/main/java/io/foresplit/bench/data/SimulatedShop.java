package io.foresplit.bench.data;

import io.foresplit.bench.data.RootCauseCase.Call;
import io.foresplit.bench.data.RootCauseCase.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A shop of microservices, drawn from first principles: users who wait for answers before they ask
 * again, services whose time grows as they fill up and who wait for those they call, and metrics as
 * monitoring shows them, with heavy-tailed noise, scraped now and then, some missing, some
 * constant. One service is struck. Beside the fault there are others' bursts, restarts, and metrics
 * that hardly ever move and then do. Numbers are drawn, not taken from any data set. Stateless.
 */
public final class SimulatedShop {
  private static final List<Call> CALLS =
      calls(
          "front-end>catalogue front-end>carts front-end>user front-end>orders front-end>session-db"
              + " orders>carts orders>user orders>payment orders>shipping orders>orders-db"
              + " catalogue>catalogue-db carts>carts-db user>user-db shipping>rabbitmq"
              + " queue-master>rabbitmq");

  /** Callees before callers. */
  private static final List<String> SERVICES =
      List.of(
          "session-db",
          "catalogue-db",
          "carts-db",
          "user-db",
          "orders-db",
          "rabbitmq",
          "queue-master",
          "catalogue",
          "carts",
          "user",
          "payment",
          "shipping",
          "orders",
          "front-end");

  /** Those that are struck. */
  public static final List<String> STRUCK =
      List.of("carts", "catalogue", "orders", "payment", "user");

  private static final double DAY_SECONDS = 86_400;
  private static final double USERS = 200;
  private static final double THINK_SECONDS = 1;

  private SimulatedShop() {}

  /** What strikes a service. */
  public enum Fault {
    CPU,
    MEMORY,
    DISK,
    DELAY,
    LOSS,
    /** Nothing does. */
    NONE;

    /** For tables. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How it is watched.
   *
   * @param rows of metrics
   * @param onset row at which the fault sets in, to the end
   * @param stepSeconds from row to row
   * @param noise of all metrics; 1 is usual
   * @param confounders bursts, restarts and jumps that have nothing to do with the fault, in a case
   *     on average
   */
  public record Setting(int rows, int onset, double stepSeconds, double noise, double confounders) {
    /** Twelve minutes of a row a second, seven of them before the fault. */
    public static final Setting USUAL = new Setting(720, 420, 1, 1, 3);

    /** Less and more noise and confounders, less and more time, rows of 5 s and of 5 min. */
    public static final List<Setting> OTHERS =
        List.of(
            new Setting(720, 420, 1, 0.5, 3),
            new Setting(720, 420, 1, 2, 3),
            new Setting(720, 420, 1, 1, 0),
            new Setting(720, 420, 1, 1, 12),
            new Setting(720, 240, 1, 1, 3),
            new Setting(1800, 1500, 1, 1, 3),
            new Setting(360, 240, 5, 1, 3),
            new Setting(600, 570, 300, 1, 3));
  }

  /** One case for each struck service, or for each seed where nothing strikes. */
  public static List<RootCauseCase> cases(Setting setting, Fault fault, long firstSeed, int seeds) {
    List<RootCauseCase> cases = new ArrayList<>();
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      for (String struck : STRUCK) {
        cases.add(new Draw(setting, fault, struck, seed).draw());
      }
    }
    return cases;
  }

  private static List<Call> calls(String text) {
    return Arrays.stream(text.split(" ", -1))
        .map(c -> c.split(">", -1))
        .map(c -> new Call(c[0], c[1]))
        .toList();
  }

  /** One case. Used once. */
  private static final class Draw {
    private final Setting setting;
    private final Fault fault;
    private final int struck;
    private final String name;
    private final SplittableRandom random;
    private final List<Series> series = new ArrayList<>();
    private final double[][] own = new double[SERVICES.size()][]; // seconds, without callees
    private final double[][] burst = new double[SERVICES.size()][]; // cores used by others' bursts
    private final double[] share = new double[SERVICES.size()]; // calls to a request of a user
    private final double[] cost = new double[SERVICES.size()]; // core seconds a call
    private final double size;

    Draw(Setting setting, Fault fault, String service, long seed) {
      this.setting = setting;
      this.fault = fault;
      struck = SERVICES.indexOf(service);
      name = service + "-" + fault.label() + "-" + seed;
      random = new SplittableRandom(seed * 1_000_003 + name.hashCode());
      size = Math.exp(uniform(-0.7, 0.7));
    }

    RootCauseCase draw() {
      int rows = setting.rows();
      for (int s = 0; s < SERVICES.size(); s++) {
        share[s] = SERVICES.get(s).equals("front-end") ? 1 : uniform(0.1, 0.8);
        cost[s] = Math.exp(uniform(Math.log(0.0003), Math.log(0.003)));
        burst[s] = bursts();
        own[s] = ownSeconds(s);
      }
      double[] users = users();
      double[][] latency = new double[SERVICES.size()][rows];
      double[][] errors = new double[SERVICES.size()][rows];
      double[] rate = new double[rows]; // requests of users a second
      for (int t = 0; t < rows; t++) {
        for (int s = 0; s < SERVICES.size(); s++) {
          latency[s][t] = own[s][t];
          errors[s][t] = s == struck ? struckErrors(t) : 0;
          for (Call call : CALLS) {
            if (call.from().equals(SERVICES.get(s))) {
              int callee = SERVICES.indexOf(call.to());
              latency[s][t] += 0.7 * latency[callee][t];
              errors[s][t] += 0.5 * errors[callee][t];
            }
          }
        }
        double waited = latency[SERVICES.size() - 1][t];
        rate[t] = users[t] / (THINK_SECONDS + waited);
      }
      for (int s = 0; s < SERVICES.size(); s++) {
        observe(s, latency[s], errors[s], rate);
      }
      return new RootCauseCase(
          name,
          fault.label(),
          series,
          setting.onset(),
          setting.stepSeconds(),
          "front-end",
          "latency-90",
          fault == Fault.NONE ? "" : SERVICES.get(struck),
          CALLS);
    }

    /** How far the fault has come: 0 before it, then 1; memory leaks to the end. */
    private double strength(int t) {
      if (t < setting.onset() || fault == Fault.NONE) {
        return 0;
      }
      int rows = setting.rows() - setting.onset();
      return fault == Fault.MEMORY ? (t - setting.onset() + 1.0) / rows : 1;
    }

    private double[] ownSeconds(int s) {
      double idle = Math.exp(uniform(Math.log(0.002), Math.log(0.04)));
      double slower =
          switch (fault) {
            case CPU -> uniform(0.5, 3);
            case MEMORY -> uniform(0, 0.6);
            case DISK -> uniform(0.1, 0.8);
            case DELAY, LOSS, NONE -> 0;
          };
      double later =
          switch (fault) {
            case DELAY -> uniform(0.03, 0.4);
            case LOSS -> uniform(0.01, 0.1);
            case CPU, MEMORY, DISK, NONE -> 0;
          };
      double[] seconds = new double[setting.rows()];
      for (int t = 0; t < seconds.length; t++) {
        double on = s == struck ? strength(t) : 0;
        double wild = Math.exp(0.1 * setting.noise() * heavy());
        seconds[t] = idle * wild * (1 + slower * on + burst[s][t]) + later * on * wild;
      }
      return seconds;
    }

    private double struckErrors(int t) {
      double most = fault == Fault.LOSS ? 0.05 : fault == Fault.NONE ? 0 : 0.01;
      double on = strength(t);
      return on > 0 && random.nextDouble() < 0.3 ? most * on * random.nextDouble() : 0;
    }

    /** Daily, with a slow wander and noise. */
    private double[] users() {
      double phase = uniform(0, 2 * Math.PI);
      double wander = 0;
      double keep = Math.exp(-setting.stepSeconds() / 120);
      double[] users = new double[setting.rows()];
      for (int t = 0; t < users.length; t++) {
        wander = keep * wander + Math.sqrt(1 - keep * keep) * 0.05 * random.nextGaussian();
        double day = Math.sin(phase + 2 * Math.PI * t * setting.stepSeconds() / DAY_SECONDS);
        users[t] = USERS * size * (1 + 0.3 * day + wander + 0.02 * heavy());
      }
      return users;
    }

    /** Whether a third of the confounders strikes this service, which has its share of them. */
    private boolean confounded() {
      return random.nextDouble() < setting.confounders() / 3 / SERVICES.size();
    }

    /** What strikes a service for a while and has nothing to do with the fault. */
    private double[] bursts() {
      double[] cores = new double[setting.rows()];
      if (confounded()) {
        int from = random.nextInt(cores.length);
        int length = 1 + random.nextInt(Math.max(1, Math.min(20, cores.length / 20)));
        double height = Math.exp(uniform(Math.log(0.05), Math.log(0.5)));
        Arrays.fill(cores, from, Math.min(cores.length, from + length), height);
      }
      return cores;
    }

    private void observe(int s, double[] latency, double[] errors, double[] rate) {
      boolean here = s == struck;
      double hog = here && fault == Fault.CPU ? uniform(0.3, 2) : 0;
      double leak = here && fault == Fault.MEMORY ? uniform(0.4, 3) : 0;
      double writes = here && fault == Fault.DISK ? uniform(20, 300) : 0;
      boolean stores = SERVICES.get(s).endsWith("-db") || SERVICES.get(s).equals("rabbitmq");
      double memory = uniform(50, 800);
      double[] restarts = restarts();
      double wander = 0;
      int rows = setting.rows();
      double[] cpu = new double[rows];
      double[] mem = new double[rows];
      double[] disk = new double[rows];
      double[] socket = new double[rows];
      double[] load = new double[rows];
      double[] median = new double[rows];
      double[] ninth = new double[rows];
      double tail = fault == Fault.LOSS && here ? uniform(1, 4) : 0;
      for (int t = 0; t < rows; t++) {
        double on = here ? strength(t) : 0;
        load[t] = rate[t] * share[s] * (1 + 0.05 * noise());
        cpu[t] = Math.max(0, load[t] * cost[s] * (1 + 0.1 * noise()) + burst[s][t] + hog * on);
        wander += 0.0003 * random.nextGaussian();
        mem[t] = memory * (1 + wander + restarts[t] + leak * on + 0.002 * noise());
        double usual = stores ? 5 * Math.exp(0.3 * noise()) : random.nextDouble() < 0.02 ? 1 : 0;
        disk[t] = usual + writes * on * (1 + 0.2 * noise());
        socket[t] = Math.rint(8 + 10 * share[s] + 0.5 * noise() + (t > 0 ? 20 * latency[t] : 0));
        median[t] = latency[t] * (1 + 0.05 * noise());
        ninth[t] = latency[t] * (1.5 + tail * on + 0.3 * Math.abs(noise()));
      }
      String service = SERVICES.get(s);
      add(service, "cpu", cpu);
      add(service, "mem", mem);
      add(service, "disk-io", disk);
      add(service, "socket", socket);
      add(service, "limit", hardlyMoving());
      if (!stores) {
        add(service, "load", load);
        add(service, "latency-50", median);
        add(service, "latency-90", ninth);
        add(service, "error", errors.clone());
      }
    }

    /** A restart leaves less memory in use, or more. */
    private double[] restarts() {
      double[] level = new double[setting.rows()];
      if (confounded()) {
        Arrays.fill(level, random.nextInt(level.length), level.length, uniform(-0.3, 0.15));
      }
      return level;
    }

    /** Constant but for the last digits, and maybe a small jump. */
    private double[] hardlyMoving() {
      int jump = confounded() ? random.nextInt(setting.rows()) : setting.rows();
      return IntStream.range(0, setting.rows())
          .mapToDouble(t -> 1 + 1e-5 * random.nextGaussian() + (t >= jump ? 0.01 : 0))
          .toArray();
    }

    /** Puts values as monitoring shows them: scraped each five seconds, some of them missing. */
    private void add(String service, String metric, double[] values) {
      int every = (int) Math.max(1, Math.rint(5 / setting.stepSeconds()));
      int first = random.nextInt(every);
      double last = values[0];
      double missing = random.nextDouble() < 0.1 ? 0.2 : 0.005;
      double[] shown = new double[values.length];
      for (int t = 0; t < values.length; t++) {
        last = t % every == first ? values[t] : last;
        shown[t] = random.nextDouble() < missing ? Double.NaN : last;
      }
      series.add(new Series(service, metric, shown));
    }

    private double noise() {
      return setting.noise() * heavy();
    }

    /** Student's t with four degrees of freedom. */
    private double heavy() {
      double squares = 0;
      for (int i = 0; i < 4; i++) {
        double normal = random.nextGaussian();
        squares += normal * normal;
      }
      return random.nextGaussian() / Math.sqrt(squares / 4);
    }

    private double uniform(double from, double to) {
      return from + (to - from) * random.nextDouble();
    }
  }
}
