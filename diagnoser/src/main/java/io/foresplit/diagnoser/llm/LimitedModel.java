package io.foresplit.diagnoser.llm;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.llm.LlmUnavailableException.Reason;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A language model within its limits: tokens and time of an incident, tokens of a day, retries with
 * back-off, a circuit breaker, and names masked where they would leave the machine. When a limit is
 * reached nothing is sent. Whatever keeps it from answering is an {@link LlmUnavailableException}.
 * Thread-safe.
 */
public final class LimitedModel implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LimitedModel.class);
  private static final int USUAL_TOKENS = 1_000;
  private static final int BYTES_OF_A_TOKEN = 3;

  /** A token is seldom longer; an answer beyond it has no end. */
  private static final int LONGEST_TOKEN = 16;

  private static final int INCIDENTS = 1_000;

  private final LanguageModel model;
  private final Duration timeout;
  private final boolean masks;
  private final Supplier<Map<JobId, Set<ComponentId>>> elsewhere;
  private final Function<IncidentId, Optional<IncidentFacts>> facts;
  private final LongSupplier nanoTime;
  private final LlmListener listener;
  private final Budget budget;
  private final CircuitBreaker breaker;
  private final Retry retry;

  /** Guarded by itself. */
  private final Map<IncidentId, Masking> maskings =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<IncidentId, Masking> eldest) {
          return size() > INCIDENTS;
        }
      };

  /**
   * @param timeout of one call
   * @param masks whether names are masked
   * @param facts know the names of an incident
   * @param elsewhere names of jobs that may occur in what is told from before
   * @param nanoTime such as {@link System#nanoTime}
   */
  public LimitedModel(
      LanguageModel model,
      Duration timeout,
      LlmLimits limits,
      boolean masks,
      Function<IncidentId, Optional<IncidentFacts>> facts,
      Supplier<Map<JobId, Set<ComponentId>>> elsewhere,
      InstantSource clock,
      LongSupplier nanoTime,
      LlmListener listener) {
    this.model = model;
    this.timeout = timeout;
    this.masks = masks;
    this.facts = facts;
    this.elsewhere = elsewhere;
    this.nanoTime = nanoTime;
    this.listener = listener;
    budget = new Budget(limits, clock);
    breaker = breaker(limits, clock);
    breaker
        .getEventPublisher()
        .onStateTransition(
            change -> listener.breaker(state(change.getStateTransition().getToState())));
    retry =
        Retry.of(
            "llm",
            RetryConfig.custom()
                .maxAttempts(1 + limits.retries())
                .intervalFunction(IntervalFunction.ofExponentialBackoff(limits.retryWait(), 2))
                .retryOnException(e -> e instanceof LlmUnavailableException u && u.isTransient())
                .build());
    retry.getEventPublisher().onRetry(again -> listener.retried());
  }

  /** Open after so many failures in a row; closed again by one call that succeeds. */
  private static CircuitBreaker breaker(LlmLimits limits, InstantSource clock) {
    return CircuitBreaker.of(
        "llm",
        CircuitBreakerConfig.custom()
            .clock(clock.withZone(ZoneOffset.UTC))
            .slidingWindowSize(limits.breakerFailures())
            .minimumNumberOfCalls(limits.breakerFailures())
            .failureRateThreshold(100)
            .permittedNumberOfCallsInHalfOpenState(1)
            .waitDurationInOpenState(limits.breakerPause())
            .build());
  }

  private static LlmListener.Breaker state(CircuitBreaker.State state) {
    return switch (state) {
      case OPEN, FORCED_OPEN -> LlmListener.Breaker.OPEN;
      case HALF_OPEN -> LlmListener.Breaker.HALF_OPEN;
      case CLOSED, DISABLED, METRICS_ONLY -> LlmListener.Breaker.CLOSED;
    };
  }

  /** Whether it can be offered tools. */
  boolean callsTools() {
    return model.callsTools();
  }

  /** A model whose calls count for an incident. */
  public ChatModel chat(IncidentId incident) {
    return new ChatModel() {
      @Override
      public ChatResponse doChat(ChatRequest request) {
        return ask(incident, request, piece -> {});
      }

      @Override
      public Set<Capability> supportedCapabilities() {
        return model.streaming().supportedCapabilities();
      }
    };
  }

  /** Likewise; the names in a diagnosis are masked, whether facts are there already or not. */
  public ChatModel chat(Diagnosis diagnosis) {
    List<ComponentId> components =
        Stream.concat(
                diagnosis.ranked().stream().map(cause -> cause.component()),
                diagnosis.evidence().stream().map(fact -> fact.series().component()))
            .toList();
    masking(diagnosis.incident().id()).learn(diagnosis.incident().job(), components);
    return chat(diagnosis.incident().id());
  }

  /**
   * Asks and waits for the answer.
   *
   * @param pieces gets the text as it comes, on this thread; what it throws ends the answer and
   *     comes out
   * @throws LlmUnavailableException when there is no whole answer
   */
  public ChatResponse ask(IncidentId incident, ChatRequest request, Consumer<String> pieces) {
    Integer most = request.maxOutputTokens();
    ChatRequest bounded =
        most == null ? request.toBuilder().maxOutputTokens(USUAL_TOKENS).build() : request;
    int mostTokens = most == null ? USUAL_TOKENS : most;
    if (!masks) {
      return retry.executeSupplier(() -> attempt(incident, bounded, mostTokens, pieces));
    }
    Masking masking = masking(incident);
    elsewhere.get().forEach(masking::learn);
    facts.apply(incident).ifPresent(known -> learn(masking, known));
    ChatRequest masked = MaskedChat.mask(bounded, masking);
    Masking.Pieces shown = masking.new Pieces(pieces);
    ChatResponse response =
        retry.executeSupplier(() -> attempt(incident, masked, mostTokens, shown));
    shown.end();
    return MaskedChat.unmask(response, masking);
  }

  /** Also of nodes that were part of the job once. */
  private static void learn(Masking masking, IncidentFacts known) {
    masking.learn(known.incident().job(), known.components());
    known.topologies().stream()
        .map(SplitTopology::job)
        .forEach(
            job ->
                masking.learn(
                    job.id(),
                    job.participants().stream().map(n -> ComponentId.of(n.id())).toList()));
  }

  private Masking masking(IncidentId incident) {
    synchronized (maskings) {
      return maskings.computeIfAbsent(incident, id -> new Masking());
    }
  }

  private ChatResponse attempt(
      IncidentId incident, ChatRequest request, int mostTokens, Consumer<String> pieces) {
    long prompt = estimated(request.toString().getBytes(StandardCharsets.UTF_8).length);
    Duration left;
    try {
      left = budget.reserve(incident, prompt + mostTokens);
    } catch (LlmUnavailableException e) {
      listener.refused(e.reason());
      throw e;
    }
    long began = nanoTime.getAsLong();
    StreamedAnswer answer = new StreamedAnswer(LONGEST_TOKEN * mostTokens);
    long read = 0;
    long written = 0;
    try {
      if (!breaker.tryAcquirePermission()) {
        listener.refused(Reason.CIRCUIT_OPEN);
        throw new LlmUnavailableException(
            Reason.CIRCUIT_OPEN, "the language model failed too often and is left alone for now");
      }
      read = prompt;
      ChatResponse response = asked(request, answer, left, pieces);
      TokenUsage usage = response.tokenUsage();
      if (usage != null) {
        read = count(usage.inputTokenCount(), read);
        written = count(usage.outputTokenCount(), 0);
      }
      written = written > 0 ? written : estimated(answer.characters());
      listener.answered(since(began));
      return response;
    } finally {
      answer.close();
      written = written > 0 ? written : estimated(answer.characters());
      budget.settle(incident, prompt + mostTokens, read + written, since(began));
      if (read > 0) {
        listener.spent(read, written);
      }
    }
  }

  /** Asks, and tells the breaker and the listener what came of it. */
  private ChatResponse asked(
      ChatRequest request, StreamedAnswer answer, Duration left, Consumer<String> pieces) {
    long began = nanoTime.getAsLong();
    boolean told = false;
    try {
      try {
        model.streaming().chat(request, answer);
      } catch (RuntimeException e) {
        throw StreamedAnswer.failure(e, true);
      }
      Duration atMost = left.compareTo(timeout) < 0 ? left : timeout;
      ChatResponse response = answer.await(atMost, began, nanoTime, pieces);
      breaker.onSuccess(since(began).toNanos(), TimeUnit.NANOSECONDS);
      told = true;
      return response;
    } catch (LlmUnavailableException e) {
      LOG.warn("{}{}", e.getMessage(), detail(e.getCause()));
      listener.failed(e.reason(), since(began));
      if (e.reason() != Reason.REJECTED && e.reason() != Reason.INTERRUPTED) {
        breaker.onError(since(began).toNanos(), TimeUnit.NANOSECONDS, e);
        told = true;
      }
      throw e;
    } finally {
      if (!told) {
        breaker.releasePermission();
      }
    }
  }

  private Duration since(long began) {
    return Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - began));
  }

  private static long estimated(int bytes) {
    return ((long) bytes + BYTES_OF_A_TOKEN - 1) / BYTES_OF_A_TOKEN;
  }

  /** As an endpoint counts, where that makes sense. */
  private static long count(@Nullable Integer counted, long estimated) {
    return counted == null || counted <= 0 ? estimated : counted;
  }

  /** One short line: an endpoint's error may be long. */
  private static String detail(@Nullable Throwable problem) {
    if (problem == null) {
      return "";
    }
    String message = String.valueOf(problem.getMessage()).replaceAll("\\p{Cntrl}+", " ");
    return ": "
        + problem.getClass().getSimpleName()
        + ": "
        + (message.length() <= 200 ? message : message.substring(0, 200) + "…");
  }

  /** Ends what it runs on this machine. */
  @Override
  public void close() {
    model.close();
  }
}
