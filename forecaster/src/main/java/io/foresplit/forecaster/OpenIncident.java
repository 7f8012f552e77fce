package io.foresplit.forecaster;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ObjectiveId;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/** The incident a job has open. Mutable, not thread-safe. */
final class OpenIncident {
  private final long openedInterval;
  private final long onsetInterval;
  private final Set<ObjectiveId> objectives = new TreeSet<>();
  private final Set<NodeId> lost = new TreeSet<>();
  private boolean joined;
  private long sentInterval;
  private long sentEpoch;
  private Conditions sentNow;
  private Conditions sentExpected;
  private boolean sentSettled;
  private int settledTicks;
  private int calmTicks;
  private int movedTicks;
  private Degradation degradation = Degradation.UNKNOWN;

  OpenIncident(long openedInterval, long onsetInterval, Conditions now, Conditions expected) {
    this.openedInterval = openedInterval;
    this.onsetInterval = onsetInterval;
    this.sentNow = now;
    this.sentExpected = expected;
  }

  IncidentId id() {
    return new IncidentId("inc-" + openedInterval);
  }

  long openedInterval() {
    return openedInterval;
  }

  long onsetInterval() {
    return onsetInterval;
  }

  Set<ObjectiveId> objectives() {
    return objectives;
  }

  Set<NodeId> lost() {
    return lost;
  }

  /** Whether an objective joined others that were at risk before it. */
  boolean join(Set<ObjectiveId> atRisk, Set<NodeId> nowLost) {
    boolean hadOthers = !objectives.isEmpty();
    boolean grew = objectives.addAll(atRisk);
    joined |= grew;
    if (!lost.equals(nowLost)) {
      lost.clear();
      lost.addAll(nowLost);
      joined = true;
    }
    return hadOthers && grew;
  }

  /** Whether an objective or a silent node joined, or one reports again, since the last record. */
  boolean joined() {
    return joined;
  }

  long sentInterval() {
    return sentInterval;
  }

  long sentEpoch() {
    return sentEpoch;
  }

  Conditions sentNow() {
    return sentNow;
  }

  Conditions sentExpected() {
    return sentExpected;
  }

  /** Whether the conditions sent last were settled ones. */
  boolean sentSettled() {
    return sentSettled;
  }

  void sent(long interval, long epoch, Conditions now, Conditions expected, boolean settled) {
    sentInterval = interval;
    sentEpoch = epoch;
    sentNow = now;
    sentExpected = expected;
    sentSettled = settled;
    joined = false;
    movedTicks = 0;
  }

  int settledTicks() {
    return settledTicks;
  }

  int calmTicks() {
    return calmTicks;
  }

  int movedTicks() {
    return movedTicks;
  }

  void observe(boolean settled, boolean calm, boolean moved) {
    movedTicks = moved ? movedTicks + 1 : 0;
    settledTicks = settled ? settledTicks + 1 : 0;
    calmTicks = settled && calm ? calmTicks + 1 : 0;
  }

  Degradation degradation() {
    return degradation;
  }

  void setDegradation(Degradation said) {
    degradation = said;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeLong(openedInterval);
    out.writeLong(onsetInterval);
    JobStateCodec.write(out, sentNow);
    JobStateCodec.write(out, sentExpected);
    out.writeShort(objectives.size());
    for (ObjectiveId objective : objectives) {
      out.writeUTF(objective.value());
    }
    out.writeShort(lost.size());
    for (NodeId node : lost) {
      out.writeUTF(node.value());
    }
    out.writeBoolean(joined);
    out.writeLong(sentInterval);
    out.writeLong(sentEpoch);
    out.writeBoolean(sentSettled);
    out.writeInt(settledTicks);
    out.writeInt(calmTicks);
    out.writeInt(movedTicks);
    out.writeUTF(degradation.kind().name());
    out.writeDouble(degradation.probability());
    out.writeUTF(degradation.source());
  }

  static OpenIncident readFrom(DataInput in) throws IOException {
    OpenIncident incident =
        new OpenIncident(
            in.readLong(),
            in.readLong(),
            JobStateCodec.readConditions(in),
            JobStateCodec.readConditions(in));
    for (int i = in.readShort(); i > 0; i--) {
      incident.objectives.add(new ObjectiveId(in.readUTF()));
    }
    for (int i = in.readShort(); i > 0; i--) {
      incident.lost.add(new NodeId(in.readUTF()));
    }
    incident.joined = in.readBoolean();
    incident.sentInterval = in.readLong();
    incident.sentEpoch = in.readLong();
    incident.sentSettled = in.readBoolean();
    incident.settledTicks = in.readInt();
    incident.calmTicks = in.readInt();
    incident.movedTicks = in.readInt();
    incident.degradation =
        new Degradation(DegradationKind.valueOf(in.readUTF()), in.readDouble(), in.readUTF());
    return incident;
  }
}
