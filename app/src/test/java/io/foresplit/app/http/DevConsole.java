package io.foresplit.app.http;

import io.foresplit.app.config.HttpConfig;
import io.foresplit.app.metrics.ServiceMetrics;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.diagnoser.chat.IncidentChat;
import io.foresplit.runtime.plan.CutPlanner;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The console over a synthetic run, for working on the page: {@code DevConsole PORT INTERVALS}
 * starts with that many intervals told and goes on in real time.
 */
public final class DevConsole {
  private DevConsole() {}

  public static void main(String[] arguments) {
    int told = Integer.parseInt(arguments[1]);
    LiveView view = new LiveView();
    PrometheusRegistry registry = new PrometheusRegistry();
    ServiceMetrics metrics = new ServiceMetrics(registry);
    metrics.caughtUp();
    SyntheticRun run = new SyntheticRun(System.currentTimeMillis() / 500 - told);
    SyntheticRun same = new SyntheticRun(System.currentTimeMillis() / 500 - told);
    AtomicInteger next = new AtomicInteger();
    Runnable interval =
        () -> {
          int step = next.getAndIncrement();
          run.interval(step, view);
          same.interval(step, metrics);
        };
    for (int i = 0; i < told; i++) {
      interval.run();
    }
    @SuppressWarnings("resource") // until the process is ended
    ConsoleServer server =
        new ConsoleServer(
            new HttpConfig("127.0.0.1", Integer.parseInt(arguments[0]), List.of()),
            view,
            registry,
            new IncidentChat(new CutPlanner()));
    System.out.println(server.url());
    var unused =
        Executors.newSingleThreadScheduledExecutor()
            .scheduleAtFixedRate(interval, 500, 500, TimeUnit.MILLISECONDS);
  }
}
