package io.foresplit.diagnoser.chat;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Incident;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Objective;
import io.foresplit.contract.SplitTopology;
import io.foresplit.diagnoser.Words;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is or was in danger. */
record Trouble(IncidentFacts facts) {
  /** One sentence on the silent nodes and the objectives at risk. */
  String sentence() {
    Incident trouble = facts.trouble();
    String at = Times.clock(trouble.at());
    String job = "Job " + trouble.job() + (facts.isResolved() ? " was" : " is");
    if (!trouble.silent().isEmpty()) {
      return job
          + " without reports of "
          + trouble.silent().stream().map(NodeId::value).collect(Collectors.joining(", "))
          + ", as measured at "
          + at
          + ".";
    }
    String risks = trouble.risks().stream().map(this::risk).collect(Collectors.joining("; "));
    return job
        + " at risk"
        + (risks.isEmpty() ? "" : ": " + risks)
        + ", as of "
        + at
        + (facts.isResolved()
            ? "; it was resolved at " + Times.clock(facts.incident().at()) + "."
            : ".");
  }

  private String risk(BreachRisk risk) {
    return measured(risk)
        + (risk.breached()
            ? ", which breaches " + risk.objective()
            : ", and a breach of "
                + risk.objective()
                + " is forecast with a probability of "
                + Words.percent(risk.probability()));
  }

  private String measured(BreachRisk risk) {
    return objective(risk)
        .map(
            o ->
                "the measured "
                    + Words.of(o.metric())
                    + " is "
                    + Words.value(o.metric(), risk.current())
                    + ", at most "
                    + Words.value(o.metric(), o.bound())
                    + " being wanted")
        .orElse("its metric is " + Words.number(risk.current()));
  }

  /** The objective of a risk, as the job declares it. */
  Optional<Objective> objective(BreachRisk risk) {
    List<Objective> declared =
        facts.topology().map(SplitTopology::job).map(job -> job.objectives()).orElse(List.of());
    return declared.stream().filter(o -> o.id().equals(risk.objective())).findFirst();
  }
}
