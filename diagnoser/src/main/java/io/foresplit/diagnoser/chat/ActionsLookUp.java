package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ActionOutcome;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What was done about the incident, and what came of it. */
public record ActionsLookUp() implements LookUp<ActionsLookUp.Found> {
  @Override
  public String name() {
    return "actions";
  }

  @Override
  public Map<String, String> arguments() {
    return Map.of();
  }

  @Override
  public Found in(IncidentFacts facts) {
    return new Found(Attempt.of(facts.journal()));
  }

  /** In the order in which they were planned. */
  public record Found(List<Attempt> attempts) implements LookUp.Result {
    public Found {
      attempts = List.copyOf(attempts);
    }

    @Override
    public String text() {
      if (attempts.isEmpty()) {
        return "no action is recorded";
      }
      return attempts.stream()
          .map(
              a ->
                  a.plan().actionId()
                      + " at "
                      + Times.clock(a.plannedAt())
                      + ": "
                      + a.plan().action().kind()
                      + ", "
                      + a.outcome()
                          .map(ActionOutcome::result)
                          .map(Enum::name)
                          .orElse(a.state().name())
                          .toLowerCase(Locale.ROOT))
          .collect(Collectors.joining("; "));
    }
  }
}
