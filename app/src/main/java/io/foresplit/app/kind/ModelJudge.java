package io.foresplit.app.kind;

import io.foresplit.app.config.LlmConfig;
import io.foresplit.bench.diagnosis.ModelCase;
import io.foresplit.bench.diagnosis.ModelTable;
import io.foresplit.bench.scenario.Truths.Struck;
import io.foresplit.contract.Diagnosis;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.Refusal;
import io.foresplit.diagnoser.chat.IncidentFacts;
import io.foresplit.diagnoser.library.IndexedLibrary;
import io.foresplit.diagnoser.library.Runbooks;
import io.foresplit.diagnoser.llm.Investigator;
import io.foresplit.diagnoser.llm.InvestigatorConfig;
import io.foresplit.diagnoser.llm.LanguageModel;
import io.foresplit.diagnoser.llm.LimitedModel;
import io.foresplit.diagnoser.llm.LlmListener;
import io.foresplit.diagnoser.llm.UnaidedModel;
import io.foresplit.diagnoser.llm.embedding.BgeEmbedder;
import io.foresplit.runtime.plan.CutPlanner;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Asks a language model about incidents, as the service would, within its limits but for those of a
 * day, and without statistics.
 */
final class ModelJudge implements DiagnoserListener, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final LanguageModel model;
  private final LlmConfig llm;
  private final InvestigatorConfig config;
  private final UnaidedModel unaided;
  private final IndexedLibrary library;
  private final Map<Refusal, Integer> refused = new TreeMap<>();
  private int stepsLeftOut;

  ModelJudge(LlmConfig llm) {
    this.llm = llm;
    var settings = llm.forDiagnoser();
    model = LanguageModel.of(settings, System::nanoTime).orElseThrow();
    config = InvestigatorConfig.of(settings);
    unaided = new UnaidedModel(model, config.briefingTokens());
    library =
        new IndexedLibrary(
            Runbooks.bundled()::pages, BgeEmbedder::load, PATIENCE, InstantSource.system());
  }

  ModelTable.Said ask(ModelCase one) {
    Optional<Struck> alone;
    try {
      alone =
          unaided
              .name(one.diagnosis(), one.topology().job())
              .map(named -> new Struck(named.component(), named.cause()));
    } catch (RuntimeException e) {
      // no answer is a wrong one
      alone = Optional.empty();
    }
    IncidentFacts facts = one.facts();
    LimitedModel limited = limited(facts);
    try (Investigator investigator =
        new Investigator(
            config,
            limited::chat,
            diagnosis -> Optional.of(facts),
            library,
            new CutPlanner(),
            this)) {
      return new ModelTable.Said(one, alone, investigator.reason(one.diagnosis()));
    }
  }

  /** Of one incident, so that no limit is reached because of another one. */
  private LimitedModel limited(IncidentFacts facts) {
    return new LimitedModel(
        model,
        llm.timeout(),
        llm.limits(),
        llm.mask(),
        incident -> Optional.of(facts),
        Map::of,
        InstantSource.system(),
        System::nanoTime,
        LlmListener.NONE);
  }

  @Override
  public void reasonerAccepted(Diagnosis revised, int dropped) {
    stepsLeftOut += dropped;
  }

  @Override
  public void reasonerRefused(Diagnosis diagnosis, Set<Refusal> reasons) {
    reasons.forEach(reason -> refused.merge(reason, 1, Integer::sum));
  }

  /** Why answers were dropped. */
  List<String> lines() {
    return List.of(
        "dropped, by reason " + refused + "; " + stepsLeftOut + " steps of accepted ones left out");
  }

  @Override
  public void close() {
    model.close();
    library.close();
  }
}
