package io.foresplit.app.http;

import io.foresplit.app.config.HttpConfig;
import io.foresplit.app.config.StartupException;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.SeriesView;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.chat.Answerer;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.staticfiles.Location;
import io.javalin.util.JavalinBindException;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The console page, the API and {@code /metrics}. Everything is read-only, questions too.
 * Thread-safe.
 *
 * <ul>
 *   <li>{@code GET /api/state[?job=]}: the job now, {@link io.foresplit.app.view.StateView}
 *   <li>{@code GET /api/series?metric=[&component=job][&last=240][&job=]}: {@link SeriesView}
 *   <li>{@code GET /api/incidents[?job=]}, {@code /api/incidents/ID}: {@link
 *       io.foresplit.app.view.IncidentView}, newest first
 *   <li>{@code POST /api/incidents/ID/chat}, body {@code {"question": "why?"[, "conversation":
 *       "id"]}}: the answer as server-sent events, {@link ChatEndpoint}
 *   <li>{@code GET /api/actions[?job=]}: {@link io.foresplit.app.view.ActionView}, newest first
 *   <li>{@code GET /api/events}: server-sent events {@code state}, {@code tick}, {@code forecast},
 *       {@code incident}, {@code diagnosis}, {@code action}
 * </ul>
 */
public final class ConsoleServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);
  private static final int MAX_POINTS = 2_400;
  private static final int DEFAULT_POINTS = 240;

  private static final Map<String, String> SECURITY_HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin");

  private final HttpConfig config;
  private final LiveView view;
  private final PrometheusRegistry registry;
  private final HostGuard hosts;
  private final EventStreams events;
  private final ChatEndpoint chat;
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final Javalin server;

  /**
   * Starts listening.
   *
   * @param answerer of questions about incidents
   * @throws StartupException when the port is in use or the host is not of this machine
   */
  public ConsoleServer(
      HttpConfig config, LiveView view, PrometheusRegistry registry, Answerer answerer) {
    this.config = config;
    this.view = view;
    this.registry = registry;
    hosts = new HostGuard(config.host(), config.allowedHosts());
    events = new EventStreams(view);
    chat = new ChatEndpoint(view::facts, answerer, InstantSource.system());
    server = Javalin.create(this::configure);
    try {
      server.start(config.host(), config.port());
    } catch (JavalinBindException e) {
      events.close();
      throw new StartupException(
          "port "
              + config.port()
              + " on "
              + config.host()
              + ", wanted by the console, cannot be used (in use, or not allowed): stop what uses"
              + " it, or choose another one with http.port or --port",
          e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  /** Where people find the console. */
  public String url() {
    String host = config.host().equals("127.0.0.1") ? "localhost" : config.host();
    return "http://" + host + ":" + port();
  }

  @Override
  public void close() {
    events.close();
    try {
      server.jettyServer().server().stop();
    } catch (TimeoutException e) {
      LOG.info("an answer under way is cut off, for the service stops");
    } catch (Exception e) {
      throw new IllegalStateException("the console's server did not stop", e);
    }
  }

  private void configure(JavalinConfig javalin) {
    javalin.startup.showJavalinBanner = false;
    javalin.startup.showOldJavalinVersionWarning = false;
    javalin.startup.startupWatcherEnabled = false;
    javalin.jetty.modifyServer(ConsoleServer::endingWhatItBegan);
    javalin.staticFiles.enableWebjars();
    javalin.staticFiles.add("/public", Location.CLASSPATH);

    javalin.routes.before(this::guard);
    javalin.routes.get("/metrics", this::metrics);
    javalin.routes.get("/api/state", ctx -> json(ctx, view.state(job(ctx)), "no job is known yet"));
    javalin.routes.get("/api/series", this::series);
    javalin.routes.get("/api/incidents", ctx -> json(ctx, view.incidents(job(ctx))));
    javalin.routes.get("/api/incidents/{id}", this::incident);
    javalin.routes.post("/api/incidents/{id}/chat", ctx -> chat.answer(ctx, incidentId(ctx)));
    javalin.routes.get("/api/actions", ctx -> json(ctx, view.actions(job(ctx))));
    javalin.routes.get("/api/events", ctx -> events.stream(ctx.res()));
    javalin.routes.exception(
        HttpResponseException.class,
        (problem, ctx) -> error(ctx, problem.getStatus(), String.valueOf(problem.getMessage())));
    javalin.routes.exception(
        Exception.class,
        (problem, ctx) -> {
          LOG.error("{} {} failed", ctx.method(), ctx.path(), problem);
          error(ctx, HttpStatus.INTERNAL_SERVER_ERROR.getCode(), "internal error, see the log");
        });
  }

  /** What is being sent when the server stops is sent to its end, within a bound. */
  private static void endingWhatItBegan(Server server) {
    server.insertHandler(new GracefulHandler());
    server.setStopTimeout(LAST_ANSWERS.toMillis());
  }

  private void guard(Context ctx) {
    SECURITY_HEADERS.forEach(ctx::header);
    if (!hosts.allows(ctx.header("Host"))) {
      throw new ForbiddenResponse(
          "this name is not the service's own; an operator can add it to http.allowedHosts");
    }
    if (ctx.path().startsWith("/api/")) {
      ctx.header("Cache-Control", "no-store");
    }
    if (ctx.path().equals("/api/events")
        && !String.valueOf(ctx.header("Accept")).contains("text/event-stream")) {
      throw new HttpResponseException(
          HttpStatus.NOT_ACCEPTABLE.getCode(),
          "the header 'Accept: text/event-stream' is needed",
          Map.of());
    }
  }

  private void metrics(Context ctx) throws IOException {
    ExpositionFormatWriter writer = formats.findWriter(ctx.header("Accept"));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    writer.write(text, registry.scrape());
    ctx.contentType(writer.getContentType()).result(text.toByteArray());
  }

  private void series(Context ctx) {
    Metric metric = parse(ctx, "metric", "", ConsoleServer::metric);
    ComponentId component = parse(ctx, "component", ComponentId.JOB.value(), ComponentId::new);
    int last = parse(ctx, "last", Integer.toString(DEFAULT_POINTS), ConsoleServer::points);
    json(ctx, view.series(job(ctx), new SeriesKey(component, metric), last), "no job is known yet");
  }

  private void incident(Context ctx) {
    json(ctx, view.incident(incidentId(ctx)), "no such incident");
  }

  private static IncidentId incidentId(Context ctx) {
    try {
      return new IncidentId(ctx.pathParam("id"));
    } catch (IllegalArgumentException e) {
      throw new BadRequestResponse(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<JobId> job(Context ctx) {
    String job = ctx.queryParam("job");
    return job == null ? Optional.empty() : Optional.of(parse(ctx, "job", job, JobId::new));
  }

  private static <T> T parse(
      Context ctx, String parameter, String otherwise, Function<String, T> parser) {
    String text = ctx.queryParam(parameter);
    try {
      return parser.apply(text == null ? otherwise : text);
    } catch (IllegalArgumentException e) {
      throw new BadRequestResponse("parameter " + parameter + ": " + e.getMessage());
    }
  }

  private static Metric metric(String name) {
    return Arrays.stream(Metric.values())
        .filter(m -> m.name().equals(name.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "must be one of "
                        + Arrays.stream(Metric.values())
                            .map(Metric::name)
                            .collect(Collectors.joining(", "))));
  }

  private static int points(String text) {
    int points = text.matches("\\d{1,6}") ? Integer.parseInt(text) : 0;
    if (points < 1 || points > MAX_POINTS) {
      throw new IllegalArgumentException("must be a number from 1 to " + MAX_POINTS);
    }
    return points;
  }

  private static void json(Context ctx, Optional<?> body, String missing) {
    json(ctx, body.orElseThrow(() -> new NotFoundResponse(missing)));
  }

  private static void json(Context ctx, Object body) {
    ctx.contentType("application/json").result(Json.of(body));
  }

  private static void error(Context ctx, int status, String message) {
    ctx.status(status);
    json(ctx, Map.of("error", message));
  }
}
