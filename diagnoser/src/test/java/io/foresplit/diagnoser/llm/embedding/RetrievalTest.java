package io.foresplit.diagnoser.llm.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Cause;
import io.foresplit.diagnoser.library.EmbedderUnavailableException;
import io.foresplit.diagnoser.library.IndexedLibrary;
import io.foresplit.diagnoser.library.Page;
import io.foresplit.diagnoser.library.Passage;
import io.foresplit.diagnoser.library.Runbooks;
import io.foresplit.diagnoser.library.TextEmbedder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whether the runbook that helps is found by what people say, with the real embeddings. */
class RetrievalTest {
  private static final double LEAST_TOP_1 = 0.8;
  private static final double LEAST_TOP_1_OF_MORE = 0.7;
  private static final double LEAST_TOP_1_BY_WORDS = 0.4;

  /** By the runbook that helps; written without looking at its phrases. */
  private static final Map<String, List<String>> TROUBLE =
      Map.of(
          "uplink-fade",
          List.of(
              "our phones need ages to upload their tensors to the base station",
              "throughput from the client to the server has dropped to a fifth since noon",
              "sending forward results upstream is crawling because the wifi signal is poor",
              "the sensor's outgoing bandwidth shrinks bit by bit"),
          "downlink-fade",
          List.of(
              "backpropagated tensors reach the phone very slowly, uploads are fine",
              "download speed at the client collapsed, upload did not",
              "server to client bandwidth is a tenth of what it should be",
              "the handset sits idle until the backward message arrives, receiving is the"
                  + " bottleneck"),
          "latency-rise",
          List.of(
              "round trip time to the data center tripled although bandwidth tests look perfect",
              "ping went from 5 ms to 80 ms after the provider rerouted our traffic",
              "lots of jitter between two sites",
              "small packets take far longer to arrive than yesterday"),
          "node-slowdown",
          List.of(
              "the edge server is overheating and its clock frequency dropped",
              "someone started a video encoder on the machine that trains our middle layers",
              "matrix multiplications take twice as long on one host",
              "the hypervisor steals cpu cycles from our worker"),
          "node-loss",
          List.of(
              "the edge box rebooted and nobody hears from it",
              "the kernel killed our training process because it ran out of memory",
              "a server vanished from the cluster",
              "no heartbeat from one machine for a minute"),
          "label-drift",
          List.of(
              "annotators mixed up cats and dogs last night",
              "ground truth coming from the new annotation vendor seems wrong",
              "pictures look normal but the targets are wrong",
              "accuracy fell because the class ids were renumbered"),
          "feature-drift",
          List.of(
              "the camera lens got dirty and images are blurry",
              "pixel values are suddenly twice as bright as in the training set",
              "sensor recalibration changed the scale of our data",
              "winter pictures confuse a model that was trained in summer"),
          "exploding-gradients",
          List.of(
              "loss became NaN after we raised the learning rate",
              "training diverges, weights blow up to infinity",
              "the optimizer overshoots and the error goes through the roof",
              "update magnitudes grow tenfold at every worker"),
          "stale-weights",
          List.of(
              "one worker apparently loaded an outdated checkpoint of its layers",
              "after restoring the virtual machine its parameters are a thousand iterations behind",
              "loss spiked once and recovered within seconds, right after a restart from a backup",
              "parameters on the middle host are out of date compared with the others"),
          "corrupted-activations",
          List.of(
              "a faulty RAM module flips bits in the tensors one machine produces",
              "the GPU returns garbage values for some outputs",
              "uncorrectable ECC errors on the accelerator and nonsense output of the second"
                  + " segment",
              "silent data corruption in the computations of a host"));

  /** Likewise; nothing about runbooks or ranking was changed after these were written. */
  private static final Map<String, List<String>> MORE =
      Map.of(
          "uplink-fade",
          List.of(
              "since the drone flew behind the hill it pushes only 300 kB/s to the edge",
              "transmit rate of the gateway to the cloud halves every minute"),
          "downlink-fade",
          List.of(
              "someone is streaming video at the site and our client gets its data back slowly",
              "return traffic to the device is throttled"),
          "latency-rise",
          List.of(
              "the satellite hop adds half a second to every exchange",
              "our VPN exit moved to another continent and every message takes longer"),
          "node-slowdown",
          List.of(
              "a backup job eats all cores of the edge server",
              "container is being throttled by its cpu quota"),
          "node-loss",
          List.of(
              "power failure in rack 4, the server does not come back",
              "process got SIGKILL from the OOM killer"),
          "label-drift",
          List.of(
              "the join with the annotation table used the wrong key",
              "crowd workers started to tag everything as class 0"),
          "feature-drift",
          List.of("fog makes the pictures hazy", "somebody divided the inputs by 255 twice"),
          "exploding-gradients",
          List.of(
              "error skyrockets after we disabled clipping",
              "the norm of the derivative grows without bound"),
          "stale-weights",
          List.of(
              "the node rolled back to last week's model files",
              "one part of the network lags behind the others by many updates"),
          "corrupted-activations",
          List.of(
              "memory test reports errors and hidden layer outputs look random",
              "an overclocked card computes wrong numbers now and then"));

  private static TextEmbedder embedder;

  @BeforeAll
  static void load() {
    try {
      embedder = BgeEmbedder.load();
    } catch (EmbedderUnavailableException e) {
      assertThat(e).as("all but native code must be there").hasCauseInstanceOf(LinkageError.class);
      System.out.println("RetrievalTest is skipped: " + e.getMessage());
      Assumptions.abort(e.getMessage());
    }
  }

  @AfterAll
  static void close() {
    if (embedder != null) {
      embedder.close();
    }
  }

  private static IndexedLibrary library(TextEmbedder.Source source) {
    List<Page> pages = Runbooks.bundled().pages();
    return new IndexedLibrary(() -> pages, source, Duration.ofMinutes(10), InstantSource.system());
  }

  /** Leaves the one of all tests open. */
  private static TextEmbedder shared() {
    return new TextEmbedder() {
      @Override
      public float[] ofPassage(String text) {
        return embedder.ofPassage(text);
      }

      @Override
      public float[] ofQuery(String text) {
        return embedder.ofQuery(text);
      }

      @Override
      public void close() {
        // the test class does
      }
    };
  }

  private static List<String> misses(IndexedLibrary library, Map<String, List<String>> trouble) {
    List<String> misses = new ArrayList<>();
    trouble.forEach(
        (cause, descriptions) ->
            descriptions.forEach(
                description -> {
                  List<Passage> found = library.search(description, 1);
                  String source = found.isEmpty() ? "nothing" : found.get(0).source();
                  if (!source.equals("runbook:" + cause)) {
                    misses.add(source + " for " + cause + ": " + description);
                  }
                }));
    return misses;
  }

  private static double share(List<String> misses, Map<String, List<String>> trouble) {
    return 1 - misses.size() / (double) trouble.values().stream().mapToInt(List::size).sum();
  }

  private static void atLeast(
      double least, IndexedLibrary library, String way, Map<String, List<String>> trouble) {
    List<String> misses = misses(library, trouble);
    double share = share(misses, trouble);
    System.out.printf("top-1 by %s: %.3f%n", way, share);
    assertThat(share)
        .as("share found, but not %s", String.join("; ", misses))
        .isGreaterThanOrEqualTo(least);
  }

  @Test
  void theRunbookThatHelpsIsFoundByADescription() {
    try (IndexedLibrary library = library(RetrievalTest::shared)) {
      atLeast(LEAST_TOP_1, library, "meaning", TROUBLE);
      atLeast(LEAST_TOP_1_OF_MORE, library, "meaning, more", MORE);
    }
  }

  @Test
  void wordsAloneFindManyToo() {
    try (IndexedLibrary library =
        library(
            () -> {
              throw new EmbedderUnavailableException("as on a machine without glibc");
            })) {
      atLeast(LEAST_TOP_1_BY_WORDS, library, "words", TROUBLE);
      atLeast(LEAST_TOP_1_BY_WORDS, library, "words, more", MORE);
    }
  }

  @Test
  void theRunbookOfACauseThatIsNamedComesFirstWhateverElseIsSaid() {
    try (IndexedLibrary library = library(RetrievalTest::shared)) {
      for (Cause cause : Cause.values()) {
        String query =
            "is it " + cause.label() + "? pixel values are twice as bright, ping is slow";
        assertThat(library.search(query, 3))
            .as(query)
            .extracting(Passage::source)
            .containsOnly("runbook:" + cause.label());
      }
    }
  }

  @Test
  void theSameTextHasTheSameVectorOfLengthOne() {
    float[] one = embedder.ofPassage("The link fades.");
    double length = 0;
    for (float value : one) {
      length += value * value;
    }
    assertThat(one).hasSize(384);
    assertThat(Math.sqrt(length)).isBetween(0.999, 1.001);
    assertThat(embedder.ofPassage("The link fades.")).isEqualTo(one);
    assertThat(embedder.ofQuery("The link fades.")).isNotEqualTo(one);
  }

  /** The switch of DJL that keeps it from calling out (Utils.isOfflineMode, Ec2Utils.callHome). */
  @Test
  void nothingIsCalledOrFetched() {
    assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
  }

  @Test
  void longAndOddTextsAreEmbedded() {
    for (String text : List.of("x", "word ".repeat(3_000), "\uD83D\uDE00 äöü 漢字 \t\n")) {
      assertThat(embedder.ofPassage(text)).hasSize(384).doesNotContain(Float.NaN);
    }
  }
}
