package io.foresplit.diagnoser.stream;

import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.Topics;
import io.foresplit.contract.wire.Codec;
import io.foresplit.contract.wire.Codecs;
import io.foresplit.contract.wire.MalformedRecordException;
import io.foresplit.diagnoser.DiagnoserConfig;
import io.foresplit.diagnoser.DiagnoserListener;
import io.foresplit.diagnoser.DiagnosisStage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Feeds a {@link DiagnosisStage} with the logs and incidents of the jobs of one partition. */
final class DiagnosisProcessor implements Processor<String, byte[], String, byte[]> {
  private static final Logger LOG = LoggerFactory.getLogger(DiagnosisProcessor.class);

  private final DiagnoserConfig config;
  private final DiagnoserListener listener;
  private final DiagnosisStage stage;
  private final Set<JobId> live = new HashSet<>();
  private @Nullable ProcessorContext<String, byte[]> context;
  private @Nullable JobStore jobs;

  DiagnosisProcessor(DiagnoserConfig config, PlacementPlanner planner, DiagnoserListener listener) {
    this.config = config;
    this.listener = listener;
    this.stage = new DiagnosisStage(config, planner);
  }

  @Override
  public void init(ProcessorContext<String, byte[]> newContext) {
    context = newContext;
    jobs =
        new JobStore(newContext.getStateStore(DiagnosisTopology.STORE), config.historyIntervals());
  }

  @Override
  public void process(Record<String, byte[]> message) {
    if (context == null || jobs == null) {
      throw new IllegalStateException("the processor was not initialised");
    }
    boolean isIncident =
        context.recordMetadata().map(m -> m.topic().equals(Topics.INCIDENTS)).orElse(false);
    try {
      List<Diagnosis> diagnoses =
          isIncident
              ? onIncident(jobs, decode(Codecs.INCIDENT, message))
              : onJobRecord(jobs, decode(Codecs.JOB_RECORD, message), message);
      for (Diagnosis diagnosis : diagnoses) {
        publish(context, diagnosis, message.timestamp());
      }
    } catch (MalformedRecordException e) {
      LOG.warn("skipped a record of {}: {}", message.key(), e.getMessage());
      listener.undecodable(String.valueOf(e.getMessage()));
    }
  }

  private static <T> T decode(Codec<T> codec, Record<String, byte[]> message)
      throws MalformedRecordException {
    if (message.value() == null) {
      throw new MalformedRecordException("a record must have a value, was empty");
    }
    return codec.decode(message.value());
  }

  private List<Diagnosis> onIncident(JobStore store, Incident incident) {
    restore(store, incident.job());
    boolean waited = !stage.waiting(incident.job()).isEmpty();
    return kept(store, incident.job(), waited, stage.on(incident));
  }

  private List<Diagnosis> onJobRecord(
      JobStore store, JobRecord record, Record<String, byte[]> message)
      throws MalformedRecordException {
    JobId job = record.jobId();
    if (!job.value().equals(message.key())) {
      throw new MalformedRecordException(
          "the key must be the job id " + job + ", was " + message.key());
    }
    restore(store, job);
    boolean waited = !stage.waiting(job).isEmpty();
    List<Diagnosis> diagnoses = stage.on(record);
    store.keep(record, message.value());
    return kept(store, job, waited, diagnoses);
  }

  private List<Diagnosis> kept(
      JobStore store, JobId job, boolean waited, List<Diagnosis> diagnoses) {
    List<Incident> waiting = stage.waiting(job);
    if (waited || !waiting.isEmpty()) {
      store.keepWaiting(job, waiting);
    }
    diagnoses.forEach(store::keepLatest);
    return diagnoses;
  }

  private void publish(ProcessorContext<String, byte[]> to, Diagnosis diagnosis, long timestamp) {
    Incident incident = diagnosis.incident();
    to.forward(new Record<>(incident.job().value(), Codecs.DIAGNOSIS.encode(diagnosis), timestamp));
    LOG.info(
        "incident {} of {} at interval {}: {}",
        incident.id(),
        incident.job(),
        incident.interval(),
        diagnosis.top().map(DiagnosisProcessor::told).orElse("no cause stands out"));
    listener.diagnosed(diagnosis);
  }

  private static String told(RankedCause cause) {
    return cause.cause().label() + " of " + cause.component();
  }

  private void restore(JobStore store, JobId job) {
    if (!live.add(job)) {
      return;
    }
    try {
      store.replay(job, stage);
    } catch (MalformedRecordException e) {
      LOG.warn("stored state of {} is discarded, the job begins anew: {}", job, e.getMessage());
      listener.stateDiscarded(job, String.valueOf(e.getMessage()));
      stage.forget(job);
    }
  }
}
