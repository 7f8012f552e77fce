package io.foresplit.app.config;

/**
 * Where Kafka is.
 *
 * @param bootstrapServers {@code host:port,…} of a cluster; empty for the embedded broker
 * @param port of the embedded broker on the loopback interface; 0 takes a free one and remembers it
 *     in the data folder
 */
public record KafkaConfig(String bootstrapServers, int port) {
  public boolean embedded() {
    return bootstrapServers.isEmpty();
  }
}
