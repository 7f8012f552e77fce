package io.foresplit.app.config;

/**
 * Where Kafka is.
 *
 * @param bootstrapServers {@code host:port,…} of a cluster; empty for the embedded broker
 * @param port of the embedded broker on the loopback interface; 0 takes a free one and remembers it
 *     in the data folder
 * @param partitions of each topic, positive: as many instances of the service can share the work.
 *     Topics that exist must have as many
 */
public record KafkaConfig(String bootstrapServers, int port, int partitions) {
  public boolean embedded() {
    return bootstrapServers.isEmpty();
  }
}
