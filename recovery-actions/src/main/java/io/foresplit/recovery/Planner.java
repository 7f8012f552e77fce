package io.foresplit.recovery;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Objective;
import io.foresplit.contract.Placement;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryAction.NotifyOperator;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.RecoveryPlan.Proposer;
import io.foresplit.contract.SplitTopology;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Turns a diagnosis into a plan, or says why there is none. Plans are made for the conditions of
 * the incident, which do not depend on the cut, on the placement in force. What a language model
 * recommends is one more candidate, held to the same formula and the same objections. Pure and
 * thread-safe.
 */
final class Planner {
  private static final int MAX_ID = 63;

  /** What a language model recommends must be better by more than the error of a sum. */
  private static final double ROUNDING = 1e-9;

  private static final int MOST_RECOMMENDED = 8;
  private static final int MOST_OPINION_CHARACTERS = 200;

  private final RecoveryConfig.Planning config;
  private final PlacementPlanner placements;

  Planner(RecoveryConfig.Planning config, PlacementPlanner placements) {
    this.config = config;
    this.placements = placements;
  }

  /** A candidate placement with its predictions, in seconds a step. */
  private record Candidate(
      Placement placement, Proposer proposer, double now, double expected, double score) {
    /** What candidates are sorted by: the planner's are first where scores are the same. */
    double rank() {
      return proposer == Proposer.LANGUAGE_MODEL ? score * (1 + ROUNDING) : score;
    }
  }

  /**
   * The id of the action for a diagnosis, the same whenever it is asked for, and for every revision
   * of the diagnosis of one incident record: a record is acted on once.
   */
  static ActionId actionId(Diagnosis diagnosis) {
    Incident incident = diagnosis.incident();
    String suffix = "-" + (incident.interval() - incident.openedInterval());
    return new ActionId(fitted("act-", incident.id().value(), suffix));
  }

  /** The id of the move that undoes an action. */
  static ActionId undoId(ActionId action) {
    return new ActionId(fitted("undo-", action.value(), ""));
  }

  /** Ids have at most 63 characters: a longer name keeps its end, which is the distinctive one. */
  private static String fitted(String prefix, String name, String suffix) {
    int room = MAX_ID - prefix.length() - suffix.length();
    if (name.length() <= room) {
      return prefix + name + suffix;
    }
    String hash = Integer.toHexString(name.hashCode());
    return prefix + hash + name.substring(name.length() - (room - hash.length())) + suffix;
  }

  /** The moves a language model recommends, the first few of them. */
  static List<MoveLayers> recommended(Diagnosis diagnosis) {
    return recommended(diagnosis, MoveLayers.class).distinct().limit(MOST_RECOMMENDED).toList();
  }

  private static <T extends RecoveryAction> Stream<T> recommended(
      Diagnosis diagnosis, Class<T> kind) {
    return diagnosis.reasoning().stream()
        .flatMap(reasoning -> reasoning.recommendations().stream())
        .map(Reasoning.Recommendation::action)
        .filter(kind::isInstance)
        .map(kind::cast);
  }

  /** Where a language model would move to from the placement in force, as far as rules allow. */
  static List<Placement> allowed(List<MoveLayers> recommended, SplitTopology topology) {
    return recommended.stream()
        .filter(move -> move.from().equals(topology.placement()))
        .map(MoveLayers::to)
        .filter(to -> to.violations(topology.job()).isEmpty())
        .toList();
  }

  /**
   * Plans for a diagnosis that does not abstain.
   *
   * @param interval the interval the plan is made at
   * @param recommended candidates of a language model, allowed by the rules of the job
   */
  Decision plan(
      Diagnosis diagnosis, SplitTopology topology, long interval, List<Placement> recommended) {
    Incident incident = diagnosis.incident();
    Optional<RankedCause> top = diagnosis.top();
    if (top.isEmpty()) {
      return new Decision.Decline("the diagnosis abstained");
    }
    if (!top.get().cause().isCuredByMoving()) {
      return notify(diagnosis, topology, interval, advice(top.get()));
    }
    if (!incident.silent().isEmpty()) {
      return notify(
          diagnosis,
          topology,
          interval,
          "no reports from "
              + incident.silent()
              + ": its layers cannot be moved while it is silent; restart the node");
    }
    return move(diagnosis, topology, interval, top.get(), recommended);
  }

  private static String advice(RankedCause cause) {
    String what = cause.cause().label() + " at " + cause.component() + ": ";
    return what
        + switch (cause.cause()) {
          case LABEL_DRIFT -> "moving layers does not help; check the labels at the source";
          case FEATURE_DRIFT -> "moving layers does not help; check the inputs at the source";
          case EXPLODING_GRADIENTS ->
              "moving layers does not help; lower the learning rate or clip gradients";
          case STALE_WEIGHTS ->
              "learning goes on from there; find out what put back the weights of this node";
          case CORRUPTED_ACTIVATIONS ->
              "check memory, accelerator and number format of this node, or take it out";
          case UPLINK_FADE, DOWNLINK_FADE, LATENCY_RISE, NODE_SLOWDOWN, NODE_LOSS ->
              "layers can be moved";
        };
  }

  private Decision notify(
      Diagnosis diagnosis, SplitTopology topology, long interval, String message) {
    double step =
        placements.predict(topology.job(), topology.placement(), diagnosis.incident().expected());
    RecoveryAction action = new NotifyOperator(message);
    return new Decision.Act(
        plan(
            diagnosis,
            topology,
            interval,
            action,
            step,
            step,
            message + opinion(diagnosis),
            Proposer.PLANNER));
  }

  /** What a language model would tell the operator: untrusted text, so cleaned and bounded. */
  private static String opinion(Diagnosis diagnosis) {
    return recommended(diagnosis, NotifyOperator.class)
        .map(NotifyOperator::message)
        .map(text -> text.substring(0, Math.min(text.length(), MOST_OPINION_CHARACTERS)))
        .map(text -> text.replaceAll("[\\p{C}\\p{Z}<>`\"]+", " ").strip())
        .filter(text -> !text.isEmpty())
        .findFirst()
        .map(text -> "; the language model adds: \"" + text + "\"")
        .orElse("");
  }

  private Decision move(
      Diagnosis diagnosis,
      SplitTopology topology,
      long interval,
      RankedCause cause,
      List<Placement> recommended) {
    Incident incident = diagnosis.incident();
    JobSpec job = topology.job();
    Candidate stay = candidate(job, topology.placement(), Proposer.PLANNER, incident);
    Set<Placement> own = candidates(job, incident);
    List<Candidate> others =
        Stream.concat(
                own.stream().map(to -> candidate(job, to, Proposer.PLANNER, incident)),
                recommended.stream()
                    .filter(to -> !own.contains(to))
                    .map(to -> candidate(job, to, Proposer.LANGUAGE_MODEL, incident)))
            .filter(candidate -> !candidate.placement().equals(topology.placement()))
            .sorted(Comparator.comparingDouble(Candidate::rank))
            .toList();
    if (others.isEmpty()) {
      return new Decision.Decline(
          "the placement " + topology.placement().describe() + " is already the best");
    }
    String firstObjection = "";
    for (Candidate candidate : others) {
      Optional<String> objection = objection(job, incident, stay, candidate);
      if (objection.isEmpty()) {
        return act(diagnosis, topology, interval, cause, stay, candidate);
      }
      if (firstObjection.isEmpty()) {
        firstObjection = "move to " + candidate.placement().describe() + ": " + objection.get();
      }
    }
    return new Decision.Decline(firstObjection);
  }

  private Decision act(
      Diagnosis diagnosis,
      SplitTopology topology,
      long interval,
      RankedCause cause,
      Candidate stay,
      Candidate to) {
    String reason =
        String.format(
            Locale.ROOT,
            "%s at %s: %.0f ms a step expected on %s, %.0f ms on %s",
            cause.cause().label(),
            cause.component(),
            stay.expected() * 1000,
            stay.placement().describe(),
            to.expected() * 1000,
            to.placement().describe());
    RecoveryAction action = new MoveLayers(topology.placement(), to.placement());
    return new Decision.Act(
        plan(
            diagnosis,
            topology,
            interval,
            action,
            stay.expected(),
            to.expected(),
            reason,
            to.proposer()));
  }

  private static RecoveryPlan plan(
      Diagnosis diagnosis,
      SplitTopology topology,
      long interval,
      RecoveryAction action,
      double before,
      double after,
      String reason,
      Proposer proposer) {
    return new RecoveryPlan(
        actionId(diagnosis),
        topology.jobId(),
        diagnosis.incident().id(),
        topology.epoch(),
        interval,
        action,
        before,
        after,
        reason,
        proposer);
  }

  /** Best for the forecast, best for the present, best between the two. */
  private Set<Placement> candidates(JobSpec job, Incident incident) {
    Set<Placement> result = new LinkedHashSet<>();
    result.add(placements.best(job, incident.expected()));
    result.add(placements.best(job, incident.now()));
    result.add(placements.best(job, midway(incident.now(), incident.expected())));
    return result;
  }

  private Candidate candidate(
      JobSpec job, Placement placement, Proposer proposer, Incident incident) {
    double now = placements.predict(job, placement, incident.now());
    double expected = placements.predict(job, placement, incident.expected());
    double weight = config.forecastWeight();
    return new Candidate(
        placement, proposer, now, expected, weight * expected + (1 - weight) * now);
  }

  private Optional<String> objection(JobSpec job, Incident incident, Candidate stay, Candidate to) {
    double gain = 1 - to.expected() / stay.expected();
    if (gain < config.minGain()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "gains %.0f %% under forecast conditions, %.0f %% are needed",
              gain * 100,
              config.minGain() * 100));
    }
    double pause =
        placements.moveSeconds(job, stay.placement(), to.placement(), incident.expected());
    double horizon = config.paybackHorizon().toMillis() / 1000.0;
    if (pause > horizon * gain) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "a pause of %.1f s is not won back within %.0f s at a gain of %.0f %%",
              pause,
              horizon,
              gain * 100));
    }
    boolean worseNow = to.now() > stay.now() * (1 + config.maxPresentLoss());
    if (worseNow && !breaksOtherwise(job, incident, stay, to)) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "a step would take %.0f ms under present conditions, %.0f ms when staying",
              to.now() * 1000,
              stay.now() * 1000));
    }
    return Optional.empty();
  }

  /** Whether staying breaches an objective, now or as forecast, and moving keeps the step time. */
  private static boolean breaksOtherwise(
      JobSpec job, Incident incident, Candidate stay, Candidate to) {
    if (incident.risks().stream().anyMatch(BreachRisk::breached)) {
      return true;
    }
    OptionalDouble bound = stepBound(job);
    return bound.isPresent()
        && stay.expected() > bound.getAsDouble()
        && Math.max(to.expected(), to.now()) <= bound.getAsDouble();
  }

  /** The tightest bound on the step time, in seconds. */
  static OptionalDouble stepBound(JobSpec job) {
    return job.objectives().stream()
        .filter(objective -> objective.metric() == Metric.STEP_SECONDS)
        .mapToDouble(Objective::bound)
        .min();
  }

  /** Rates and slowdowns change by factors, so the middle of them is the geometric one. */
  static Conditions midway(Conditions now, Conditions expected) {
    Conditions result = now;
    for (Map.Entry<ComponentId, LinkCondition> link : now.links().entrySet()) {
      LinkCondition a = link.getValue();
      LinkCondition b = expected.links().getOrDefault(link.getKey(), a);
      result =
          result.withLink(
              link.getKey(),
              new LinkCondition(
                  Math.sqrt(a.bytesPerSecond()) * Math.sqrt(b.bytesPerSecond()),
                  (a.delaySeconds() + b.delaySeconds()) / 2));
    }
    for (Map.Entry<NodeId, Double> node : now.slowdowns().entrySet()) {
      double later = expected.slowdowns().getOrDefault(node.getKey(), node.getValue());
      result = result.withSlowdown(node.getKey(), Math.sqrt(node.getValue()) * Math.sqrt(later));
    }
    return result;
  }
}
