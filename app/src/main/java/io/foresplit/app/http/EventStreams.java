package io.foresplit.app.http;

import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.ViewEvent;
import io.javalin.http.sse.SseClient;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events. Each browser has a bounded queue and a thread of its own, so a slow one holds
 * up nobody: when its queue is full it is cut off, and connects again by itself. Thread-safe.
 */
final class EventStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
  static final int CLIENTS = 32;
  private static final int QUEUE = 512;
  private static final int PING_SECONDS = 15;

  private record Message(String event, String data) {}

  private final class Stream {
    private final SseClient client;
    private final BlockingQueue<Message> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Thread sender = new Thread(this::send, "events");

    Stream(SseClient client) {
      this.client = client;
    }

    void offer(Message message) {
      if (!queue.offer(message)) {
        LOG.info("a browser is too slow for the events and is cut off");
        end();
      }
    }

    private void send() {
      try {
        while (streams.contains(this) && !client.terminated()) {
          Message message = queue.poll(PING_SECONDS, TimeUnit.SECONDS);
          if (message == null) {
            client.sendComment("still here");
          } else {
            client.sendEvent(message.event(), message.data());
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        LOG.debug("a browser left: {}", e.toString());
      } finally {
        streams.remove(this);
        client.close();
      }
    }

    void end() {
      streams.remove(this);
      sender.interrupt();
    }
  }

  private final LiveView view;
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
  private final Runnable unsubscribe;

  EventStreams(LiveView view) {
    this.view = view;
    unsubscribe = view.subscribe(this::publish);
  }

  /** Takes over a new client: the state first, then every event. */
  void open(SseClient client) {
    if (streams.size() >= CLIENTS) {
      LOG.warn("more than {} browsers watch, one more is refused", CLIENTS);
      client.close();
      return;
    }
    client.keepAlive();
    Stream stream = new Stream(client);
    client.onClose(stream::end);
    view.state(Optional.empty())
        .ifPresent(state -> stream.offer(new Message(name(ViewEvent.Name.STATE), Json.of(state))));
    streams.add(stream);
    stream.sender.setDaemon(true);
    stream.sender.start();
  }

  private void publish(ViewEvent event) {
    if (!streams.isEmpty()) {
      Message message = new Message(name(event.name()), Json.of(event.body()));
      streams.forEach(stream -> stream.offer(message));
    }
  }

  private static String name(ViewEvent.Name name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    unsubscribe.run();
    streams.forEach(Stream::end);
  }
}
