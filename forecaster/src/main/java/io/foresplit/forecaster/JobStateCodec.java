package io.foresplit.forecaster;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.Metric;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.wire.Codec;
import io.foresplit.contract.wire.MalformedRecordException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of a {@link JobState} as it is after a tick: a version byte, then its parts. A private
 * form of this stage's own store; another version is told apart and discarded, since windows fill
 * again. What is learnt of forecasters comes last: when they are others than those it was learnt
 * of, such as another model file, that alone begins anew. Thread-safe.
 */
public final class JobStateCodec implements Codec<JobState> {
  private static final Logger LOG = LoggerFactory.getLogger(JobStateCodec.class);
  private static final int VERSION = 5;

  private final ForecastStage stage;
  private final Codec<JobRecord> records;

  /**
   * @param stage whose states they are
   * @param records wire form of the topology within
   */
  public JobStateCodec(ForecastStage stage, Codec<JobRecord> records) {
    this.stage = stage;
    this.records = records;
  }

  @Override
  public byte[] encode(JobState state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 15);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(stage.windowLength());
      out.writeUTF(stage.forecasters());
      SplitTopology topology = state.topology();
      byte[] encoded = topology == null ? new byte[0] : records.encode(topology);
      out.writeInt(encoded.length);
      out.write(encoded);
      if (topology != null) {
        writeBody(out, state);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  private static void writeBody(DataOutput out, JobState state) throws IOException {
    out.writeLong(state.ticks());
    out.writeInt(state.calmTicks());
    state.windows().writeTo(out);
    state.residuals().writeTo(out);
    state.logRatio().writeTo(out);
    out.writeShort(state.models().size());
    for (Map.Entry<SeriesKey, SeriesModel> model : state.models().entrySet()) {
      writeSeries(out, model.getKey());
      model.getValue().healthy().writeTo(out);
    }
    out.writeShort(state.watches().size());
    for (Map.Entry<ObjectiveId, ObjectiveWatch> watch : state.watches().entrySet()) {
      out.writeUTF(watch.getKey().value());
      watch.getValue().writeTo(out);
    }
    out.writeShort(state.incidents().silentRuns().size());
    for (Map.Entry<NodeId, Integer> run : state.incidents().silentRuns().entrySet()) {
      out.writeUTF(run.getKey().value());
      out.writeInt(run.getValue());
    }
    OpenIncident open = state.incidents().open();
    out.writeBoolean(open != null);
    if (open != null) {
      open.writeTo(out);
    }
    for (SeriesModel model : state.models().values()) {
      model.writeForecasts(out);
    }
  }

  @Override
  public JobState decode(byte[] bytes) throws MalformedRecordException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version != VERSION) {
        throw new MalformedRecordException(
            "forecaster state must be of version " + VERSION + ", was " + version);
      }
      int window = in.readInt();
      if (window != stage.windowLength()) {
        throw new MalformedRecordException(
            "forecaster state must be of windows of "
                + stage.windowLength()
                + ", was of "
                + window);
      }
      String forecasters = in.readUTF();
      JobState state = stage.newState();
      byte[] encoded = new byte[in.readInt()];
      in.readFully(encoded);
      if (encoded.length > 0) {
        if (!(records.decode(encoded) instanceof SplitTopology topology)) {
          throw new MalformedRecordException("forecaster state must begin with a topology");
        }
        state.setTopology(topology);
        readBody(in, state, topology);
        if (forecasters.equals(stage.forecasters())) {
          for (SeriesModel model : state.models().values()) {
            model.readForecasts(in);
          }
        } else {
          LOG.info(
              "what was learnt of the forecasters of {} begins anew: they were {}, are {}",
              topology.job().id(),
              forecasters,
              stage.forecasters());
        }
      }
      return state;
    } catch (IOException | IllegalArgumentException | NegativeArraySizeException e) {
      throw new MalformedRecordException("forecaster state is damaged: " + e.getMessage(), e);
    }
  }

  private static void readBody(DataInput in, JobState state, SplitTopology topology)
      throws IOException {
    state.setTicks(in.readLong());
    state.setCalmTicks(in.readInt());
    state.windows().readFrom(in, topology.job());
    state.residuals().readFrom(in);
    state.logRatio().readFrom(in);
    for (int i = in.readShort(); i > 0; i--) {
      state.model(readSeries(in)).setHealthy(HealthyRange.readFrom(in));
    }
    for (int i = in.readShort(); i > 0; i--) {
      state.watch(new ObjectiveId(in.readUTF())).readFrom(in);
    }
    for (int i = in.readShort(); i > 0; i--) {
      state.incidents().silentRuns().put(new NodeId(in.readUTF()), in.readInt());
    }
    if (in.readBoolean()) {
      state.incidents().setOpen(OpenIncident.readFrom(in));
    }
  }

  static void writeSeries(DataOutput out, SeriesKey series) throws IOException {
    out.writeUTF(series.component().value());
    out.writeShort(series.metric().number());
  }

  static SeriesKey readSeries(DataInput in) throws IOException {
    ComponentId component = new ComponentId(in.readUTF());
    int number = in.readShort();
    for (Metric metric : Metric.values()) {
      if (metric.number() == number) {
        return new SeriesKey(component, metric);
      }
    }
    throw new IOException("no metric has number " + number);
  }

  static void write(DataOutput out, Conditions conditions) throws IOException {
    out.writeShort(conditions.links().size());
    for (Map.Entry<ComponentId, LinkCondition> link : conditions.links().entrySet()) {
      out.writeUTF(link.getKey().value());
      out.writeDouble(link.getValue().bytesPerSecond());
      out.writeDouble(link.getValue().delaySeconds());
    }
    out.writeShort(conditions.slowdowns().size());
    for (Map.Entry<NodeId, Double> slowdown : conditions.slowdowns().entrySet()) {
      out.writeUTF(slowdown.getKey().value());
      out.writeDouble(slowdown.getValue());
    }
  }

  static Conditions readConditions(DataInput in) throws IOException {
    Map<ComponentId, LinkCondition> links = new TreeMap<>();
    for (int i = in.readShort(); i > 0; i--) {
      links.put(new ComponentId(in.readUTF()), new LinkCondition(in.readDouble(), in.readDouble()));
    }
    Map<NodeId, Double> slowdowns = new TreeMap<>();
    for (int i = in.readShort(); i > 0; i--) {
      slowdowns.put(new NodeId(in.readUTF()), in.readDouble());
    }
    return new Conditions(links, slowdowns);
  }
}
