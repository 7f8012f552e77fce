package io.foresplit.app.http;

import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.ViewEvent;
import jakarta.servlet.http.HttpServletResponse;
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
 * Server-sent events of what happens. Each browser has a bounded queue and the thread of its
 * request, so a slow one holds up nobody: when its queue is full it is cut off, and connects again
 * by itself. Thread-safe.
 */
final class EventStreams implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
  static final int CLIENTS = 32;
  private static final int QUEUE = 512;
  private static final int PING_SECONDS = 15;

  private record Message(String event, String data) {}

  private final class Stream {
    /** The empty one is the last. */
    private final BlockingQueue<Optional<Message>> queue = new ArrayBlockingQueue<>(QUEUE);

    void offer(Message message) {
      if (!queue.offer(Optional.of(message))) {
        LOG.info("a browser is too slow for the events and is cut off");
        end();
      }
    }

    /** Nothing is offered after it. */
    void end() {
      streams.remove(this);
      do {
        queue.clear();
      } while (!queue.offer(Optional.empty()));
    }

    void send(EventWriter writer) throws InterruptedException {
      while (true) {
        Optional<Message> next = queue.poll(PING_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
          writer.comment("still here");
        } else if (next.isPresent()) {
          writer.event(next.get().event(), next.get().data());
        } else {
          return;
        }
      }
    }
  }

  private final LiveView view;
  private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
  private final Runnable unsubscribe;
  private volatile boolean closed;

  EventStreams(LiveView view) {
    this.view = view;
    unsubscribe = view.subscribe(this::publish);
  }

  /**
   * Sends the state first, then every event, until the browser leaves or this is closed. Where too
   * many watch, the stream ends at once: a browser takes that for a reason to come again, and an
   * error for none.
   */
  void stream(HttpServletResponse response) {
    if (streams.size() >= CLIENTS) {
      LOG.warn("more than {} browsers watch, one more has to wait", CLIENTS);
      new EventWriter(response);
      return;
    }
    Stream stream = new Stream();
    view.state(Optional.empty())
        .ifPresent(state -> stream.offer(new Message(name(ViewEvent.Name.STATE), Json.of(state))));
    streams.add(stream);
    try {
      if (!closed) {
        stream.send(new EventWriter(response));
      }
    } catch (EventWriter.Left e) {
      LOG.debug("a browser left: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      streams.remove(stream);
    }
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
    closed = true;
    unsubscribe.run();
    streams.forEach(Stream::end);
  }
}
