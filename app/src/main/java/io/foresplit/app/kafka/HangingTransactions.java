package io.foresplit.app.kafka;

import io.foresplit.app.config.StartupException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that nobody else will end. A broker that is killed while a transaction is being
 * completed may, when it starts again, take its partitions for deleted at the moment at which they
 * have no leader: it then holds the transaction for complete, without a marker in any partition,
 * and whoever reads committed records waits for ever (Kafka 4.3.1). Such a transaction is aborted
 * in all of its partitions, offsets included, as if the broker had died before it: what it held is
 * done again.
 */
final class HangingTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(HangingTransactions.class);
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** While the coordinator is in one of these, nothing of a transaction can be open. */
  private static final Set<TransactionState> OVER =
      EnumSet.of(
          TransactionState.EMPTY,
          TransactionState.COMPLETE_COMMIT,
          TransactionState.COMPLETE_ABORT);

  private HangingTransactions() {}

  /**
   * Ends those of a broker that has just started, before anybody reads.
   *
   * @throws StartupException when the broker does not say within 20 s what is open
   */
  static void end(String bootstrapServers) {
    long millis = LIMIT.toMillis();
    try (Admin admin = TopicSetup.admin(bootstrapServers, LIMIT)) {
      // in this order: what is over by now has its markers, or will never get them
      Collection<TransactionListing> transactions =
          admin.listTransactions().all().get(millis, TimeUnit.MILLISECONDS);
      Set<String> topics =
          admin
              .listTopics(new ListTopicsOptions().listInternal(true))
              .names()
              .get(millis, TimeUnit.MILLISECONDS);
      List<TopicPartition> partitions =
          admin
              .describeTopics(topics)
              .allTopicNames()
              .get(millis, TimeUnit.MILLISECONDS)
              .values()
              .stream()
              .flatMap(
                  topic ->
                      topic.partitions().stream()
                          .map(info -> new TopicPartition(topic.name(), info.partition())))
              .toList();
      Map<TopicPartition, PartitionProducerState> producers =
          admin.describeProducers(partitions).all().get(millis, TimeUnit.MILLISECONDS);
      for (AbortTransactionSpec hanging : hanging(transactions, producers)) {
        LOG.warn("a transaction that the broker has forgotten is aborted: {}", hanging);
        admin.abortTransaction(hanging).all().get(millis, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while the embedded Kafka started", e);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new StartupException(
          "the embedded Kafka does not say which transactions are open: " + TopicSetup.why(e), e);
    }
  }

  /** What is open in a partition although its coordinator holds it for over. */
  static List<AbortTransactionSpec> hanging(
      Collection<TransactionListing> transactions,
      Map<TopicPartition, PartitionProducerState> producers) {
    Set<Long> over =
        transactions.stream()
            .filter(transaction -> OVER.contains(transaction.state()))
            .map(TransactionListing::producerId)
            .collect(Collectors.toSet());
    List<AbortTransactionSpec> hanging = new ArrayList<>();
    producers.forEach(
        (partition, state) -> {
          for (ProducerState producer : state.activeProducers()) {
            if (producer.currentTransactionStartOffset().isPresent()
                && over.contains(producer.producerId())) {
              hanging.add(
                  new AbortTransactionSpec(
                      partition,
                      producer.producerId(),
                      (short) producer.producerEpoch(),
                      producer.coordinatorEpoch().orElse(0)));
            }
          }
        });
    return hanging;
  }
}
