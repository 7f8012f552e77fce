package io.foresplit.forecaster.stream;

import io.foresplit.contract.Degradation;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.forecaster.ForecastEvent;
import io.foresplit.forecaster.ForecastStage;
import io.foresplit.forecaster.JobState;
import io.foresplit.forecaster.JobStateCodec;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds {@link ForecastStage} with a job's log. The state of a job is stored at each tick; records
 * since then are stored as they are and taken again after a restart, so nothing of an interval that
 * was still open is lost.
 */
final class ForecastProcessor implements Processor<String, byte[], String, byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(ForecastProcessor.class);
  private static final String STATE = "state/";
  private static final String SINCE = "since-tick/";

  /** A log without ticks does not fill the store. */
  private static final int MOST_SINCE_BYTES = 1 << 20;

  private final ForecastStage stage;
  private final ForecasterListener listener;
  private final JobStateCodec states;
  private final Map<JobId, JobState> live = new HashMap<>();
  private final Map<JobId, LoadShedding> shedding = new HashMap<>();
  private long began;
  private @Nullable ProcessorContext<String, byte[]> context;
  private @Nullable KeyValueStore<String, byte[]> store;

  ForecastProcessor(ForecastStage stage, ForecasterListener listener) {
    this.stage = stage;
    this.listener = listener;
    this.states = new JobStateCodec(stage, Codecs.JOB_RECORD);
  }

  @Override
  public void init(ProcessorContext<String, byte[]> newContext) {
    context = newContext;
    store = newContext.getStateStore(ForecastTopology.STORE);
    live.clear();
    shedding.clear();
    began = newContext.currentSystemTimeMs();
  }

  @Override
  public void process(Record<String, byte[]> message) {
    if (context == null || store == null) {
      throw new IllegalStateException("the processor was not initialised");
    }
    JobRecord record;
    try {
      record = decode(message);
    } catch (MalformedRecordException e) {
      LOG.warn("skipped a record of {}: {}", message.key(), e.getMessage());
      listener.undecodable(String.valueOf(e.getMessage()));
      return;
    }
    JobId job = record.jobId();
    JobState state = live.get(job);
    if (state == null) {
      state = restore(store, job);
      live.put(job, state);
    }
    for (ForecastEvent event : stage.on(state, record)) {
      publish(context, job, event, message.timestamp());
    }
    if (record instanceof IntervalTick tick) {
      keepUp(context, state, tick, message.timestamp());
    } else if (record instanceof ForecastPace pace) {
      LOG.info("calm series of {} are forecast once in {} intervals", job, pace.calmTicks());
    }
    byte[] since = store.get(SINCE + job);
    if (record instanceof IntervalTick || (since != null && since.length > MOST_SINCE_BYTES)) {
      store.put(STATE + job, states.encode(state));
      store.delete(SINCE + job);
    } else {
      store.put(SINCE + job, append(since, message.value()));
    }
  }

  private static JobRecord decode(Record<String, byte[]> message) throws MalformedRecordException {
    if (message.value() == null) {
      throw new MalformedRecordException("a job record must have a value, was empty");
    }
    JobRecord record = Codecs.JOB_RECORD.decode(message.value());
    if (!record.jobId().value().equals(message.key())) {
      throw new MalformedRecordException(
          "the key must be the job id " + record.jobId() + ", was " + message.key());
    }
    return record;
  }

  private void publish(
      ProcessorContext<String, byte[]> to, JobId job, ForecastEvent event, long timestamp) {
    if (event instanceof ForecastEvent.ForecastMade made) {
      byte[] value = Codecs.FORECAST.encode(made.forecast());
      to.forward(new Record<>(job.value(), value, timestamp), ForecastTopology.FORECASTS);
      listener.forecastMade(job, made.forecast());
    } else if (event instanceof ForecastEvent.IncidentChanged changed) {
      byte[] value = Codecs.INCIDENT.encode(changed.incident());
      to.forward(new Record<>(job.value(), value, timestamp), ForecastTopology.INCIDENTS);
      LOG.info(
          "incident {} of {} {} at interval {}, kind {}",
          changed.incident().id(),
          job,
          changed.incident().phase(),
          changed.incident().interval(),
          kind(changed.incident().degradation()));
      listener.incidentChanged(changed.incident());
    } else if (event instanceof ForecastEvent.CoverageMeasured measured) {
      listener.coverageMeasured(job, measured.below());
    } else if (event instanceof ForecastEvent.RisksJudged judged) {
      listener.risksJudged(job, judged.interval(), judged.risks());
    }
  }

  private void keepUp(
      ProcessorContext<String, byte[]> to, JobState state, IntervalTick tick, long timestamp) {
    shedding
        .computeIfAbsent(tick.jobId(), job -> new LoadShedding(stage.usualCalmTicks(), began))
        .onTick(tick, timestamp, to.currentSystemTimeMs(), stage.calmTicks(state))
        .ifPresent(
            pace ->
                to.forward(
                    new Record<>(tick.jobId().value(), Codecs.JOB_RECORD.encode(pace), timestamp),
                    ForecastTopology.PACES));
  }

  private static String kind(Degradation degradation) {
    return degradation.source().isEmpty()
        ? degradation.kind().label()
        : String.format(
            Locale.ROOT,
            "%s (%.2f, %s)",
            degradation.kind().label(),
            degradation.probability(),
            degradation.source());
  }

  private JobState restore(KeyValueStore<String, byte[]> from, JobId job) {
    JobState state = stage.newState();
    try {
      byte[] stored = from.get(STATE + job);
      if (stored != null) {
        state = states.decode(stored);
      }
      byte[] since = from.get(SINCE + job);
      if (since != null) {
        ByteBuffer records = ByteBuffer.wrap(since);
        while (records.hasRemaining()) {
          byte[] record = new byte[records.getInt()];
          records.get(record);
          stage.on(state, Codecs.JOB_RECORD.decode(record));
        }
      }
      return state;
    } catch (MalformedRecordException e) {
      LOG.warn("stored state of {} is discarded, the job begins anew: {}", job, e.getMessage());
      listener.stateDiscarded(job, String.valueOf(e.getMessage()));
      return stage.newState();
    }
  }

  private static byte[] append(byte @Nullable [] records, byte[] record) {
    int length = records == null ? 0 : records.length;
    ByteBuffer joined = ByteBuffer.allocate(length + Integer.BYTES + record.length);
    if (records != null) {
      joined.put(records);
    }
    return joined.putInt(record.length).put(record).array();
  }
}
