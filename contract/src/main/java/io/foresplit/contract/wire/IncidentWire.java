package io.foresplit.contract.wire;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.SeriesKey;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Forecasts, incidents and diagnoses. */
final class IncidentWire {
  private IncidentWire() {}

  static io.foresplit.contract.wire.proto.Forecast toProto(Forecast forecast) {
    var p =
        io.foresplit.contract.wire.proto.Forecast.newBuilder()
            .setComponent(forecast.series().component().value())
            .setMetric(Enums.toProto(forecast.series().metric()))
            .setOrigin(forecast.origin())
            .setEpoch(forecast.epoch())
            .addAllLevels(forecast.levels())
            .setForecaster(forecast.forecaster());
    forecast.quantiles().forEach(row -> p.addQuantilesBuilder().addAllValues(row));
    return p.build();
  }

  static Forecast fromProto(io.foresplit.contract.wire.proto.Forecast p) {
    return new Forecast(
        new SeriesKey(new ComponentId(p.getComponent()), Enums.fromProto(p.getMetric())),
        Enums.counter("origin", p.getOrigin()),
        Enums.counter("epoch", p.getEpoch()),
        p.getLevelsList(),
        p.getQuantilesList().stream()
            .map(io.foresplit.contract.wire.proto.Forecast.Row::getValuesList)
            .toList(),
        p.getForecaster());
  }

  private static io.foresplit.contract.wire.proto.Conditions toProto(Conditions conditions) {
    var p = io.foresplit.contract.wire.proto.Conditions.newBuilder();
    conditions
        .links()
        .forEach(
            (link, c) ->
                p.addLinksBuilder()
                    .setLink(link.value())
                    .setBytesPerSecond(c.bytesPerSecond())
                    .setDelaySeconds(c.delaySeconds()));
    conditions
        .slowdowns()
        .forEach((node, s) -> p.addNodesBuilder().setNode(node.value()).setSlowdown(s));
    return p.build();
  }

  private static Conditions fromProto(io.foresplit.contract.wire.proto.Conditions p) {
    Map<ComponentId, LinkCondition> links = new TreeMap<>();
    p.getLinksList()
        .forEach(
            l ->
                links.put(
                    new ComponentId(l.getLink()),
                    new LinkCondition(l.getBytesPerSecond(), l.getDelaySeconds())));
    Map<NodeId, Double> slowdowns = new TreeMap<>();
    p.getNodesList().forEach(n -> slowdowns.put(new NodeId(n.getNode()), n.getSlowdown()));
    return new Conditions(links, slowdowns);
  }

  static io.foresplit.contract.wire.proto.Incident toProto(Incident incident) {
    var p =
        io.foresplit.contract.wire.proto.Incident.newBuilder()
            .setId(incident.id().value())
            .setJob(incident.job().value())
            .setPhase(
                io.foresplit.contract.wire.proto.IncidentPhase.valueOf(incident.phase().name()))
            .setInterval(incident.interval())
            .setOpenedInterval(incident.openedInterval())
            .setOnsetInterval(incident.onsetInterval())
            .setAtMillis(incident.at().toEpochMilli())
            .setEpoch(incident.epoch())
            .addAllSilent(JobWire.names(incident.silent()))
            .setNow(toProto(incident.now()))
            .setExpected(toProto(incident.expected()));
    incident
        .risks()
        .forEach(
            r -> {
              var risk =
                  p.addRisksBuilder()
                      .setObjective(r.objective().value())
                      .setProbability(r.probability())
                      .setExpectedInterval(r.expectedInterval())
                      .setCurrent(r.current())
                      .setBreached(r.breached());
              if (r.earliestInterval() >= 0) {
                risk.setEarliestInterval(r.earliestInterval());
              }
              if (r.latestInterval() >= 0) {
                risk.setLatestInterval(r.latestInterval());
              }
            });
    if (!incident.degradation().equals(Degradation.UNKNOWN)) {
      p.setDegradation(toProto(incident.degradation()));
    }
    return p.build();
  }

  private static io.foresplit.contract.wire.proto.Degradation toProto(Degradation degradation) {
    return io.foresplit.contract.wire.proto.Degradation.newBuilder()
        .setKind(
            io.foresplit.contract.wire.proto.Degradation.Kind.valueOf(degradation.kind().name()))
        .setProbability(degradation.probability())
        .setSource(degradation.source())
        .build();
  }

  /** A kind of a later version is one that this version has no name for. */
  private static Degradation fromProto(io.foresplit.contract.wire.proto.Degradation p) {
    DegradationKind kind =
        p.getKind() == io.foresplit.contract.wire.proto.Degradation.Kind.UNRECOGNIZED
            ? DegradationKind.UNKNOWN
            : DegradationKind.valueOf(p.getKind().name());
    return new Degradation(kind, p.getProbability(), p.getSource());
  }

  static Incident fromProto(io.foresplit.contract.wire.proto.Incident p) {
    return new Incident(
        new IncidentId(p.getId()),
        new JobId(p.getJob()),
        Enums.convert("incident phase", Incident.Phase.class, p.getPhase()),
        Enums.counter("interval", p.getInterval()),
        Enums.counter("opened_interval", p.getOpenedInterval()),
        Enums.counter("onset_interval", p.getOnsetInterval()),
        Enums.instant("at_millis", p.getAtMillis()),
        Enums.counter("epoch", p.getEpoch()),
        p.getRisksList().stream()
            .map(
                r ->
                    new BreachRisk(
                        new ObjectiveId(r.getObjective()),
                        r.getProbability(),
                        r.hasEarliestInterval() ? r.getEarliestInterval() : -1,
                        r.getExpectedInterval(),
                        r.hasLatestInterval() ? r.getLatestInterval() : -1,
                        r.getCurrent(),
                        r.getBreached()))
            .toList(),
        JobWire.nodes(p.getSilentList()),
        fromProto(p.getNow()),
        fromProto(p.getExpected()),
        fromProto(p.getDegradation()));
  }

  static io.foresplit.contract.wire.proto.Diagnosis toProto(Diagnosis diagnosis) {
    var p =
        io.foresplit.contract.wire.proto.Diagnosis.newBuilder()
            .setIncident(toProto(diagnosis.incident()))
            .setRevision(diagnosis.revision())
            .setExplanation(diagnosis.explanation())
            .setReasoner(diagnosis.reasoner());
    diagnosis
        .ranked()
        .forEach(
            r ->
                p.addRankedBuilder()
                    .setComponent(r.component().value())
                    .setCause(Enums.toProto(r.cause()))
                    .setProbability(r.probability())
                    .addAllEvidence(r.evidence()));
    diagnosis
        .evidence()
        .forEach(
            e ->
                p.addEvidenceBuilder()
                    .setId(e.id())
                    .setComponent(e.series().component().value())
                    .setMetric(Enums.toProto(e.series().metric()))
                    .setHealthy(e.healthy())
                    .setCurrent(e.current())
                    .setScore(e.score())
                    .setStatement(e.statement()));
    diagnosis.reasoning().ifPresent(reasoning -> p.setReasoning(toProto(reasoning)));
    return p.build();
  }

  private static io.foresplit.contract.wire.proto.Reasoning toProto(Reasoning reasoning) {
    var p =
        io.foresplit.contract.wire.proto.Reasoning.newBuilder()
            .setModel(reasoning.model())
            .setDisproof(reasoning.disproof());
    reasoning
        .steps()
        .forEach(s -> p.addStepsBuilder().setClaim(s.claim()).addAllEvidence(s.evidence()));
    reasoning
        .recommendations()
        .forEach(
            r ->
                p.addRecommendationsBuilder()
                    .setAction(RecoveryWire.toProto(r.action()))
                    .setReason(r.reason()));
    return p.build();
  }

  private static Reasoning fromProto(io.foresplit.contract.wire.proto.Reasoning p) {
    return new Reasoning(
        p.getModel(),
        p.getStepsList().stream()
            .map(s -> new Reasoning.Step(s.getClaim(), s.getEvidenceList()))
            .toList(),
        p.getRecommendationsList().stream()
            .map(
                r ->
                    new Reasoning.Recommendation(
                        RecoveryWire.fromProto(r.getAction()), r.getReason()))
            .toList(),
        p.getDisproof());
  }

  static Diagnosis fromProto(io.foresplit.contract.wire.proto.Diagnosis p) {
    return new Diagnosis(
        fromProto(p.getIncident()),
        p.getRevision(),
        p.getRankedList().stream()
            .map(
                r ->
                    new RankedCause(
                        new ComponentId(r.getComponent()),
                        Enums.fromProto(r.getCause()),
                        r.getProbability(),
                        r.getEvidenceList()))
            .toList(),
        p.getEvidenceList().stream()
            .map(
                e ->
                    new Evidence(
                        e.getId(),
                        new SeriesKey(
                            new ComponentId(e.getComponent()), Enums.fromProto(e.getMetric())),
                        e.getHealthy(),
                        e.getCurrent(),
                        e.getScore(),
                        e.getStatement()))
            .toList(),
        p.getExplanation(),
        p.getReasoner(),
        p.hasReasoning() ? Optional.of(fromProto(p.getReasoning())) : Optional.empty());
  }
}
