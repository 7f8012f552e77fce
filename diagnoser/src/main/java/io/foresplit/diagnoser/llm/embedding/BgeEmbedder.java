package io.foresplit.diagnoser.llm.embedding;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.langchain4j.model.embedding.onnx.AbstractInProcessEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxBertBiEncoder;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import io.foresplit.diagnoser.library.EmbedderUnavailableException;
import io.foresplit.diagnoser.library.TextEmbedder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Embeddings by bge-small-en-v1.5, quantised (384 numbers a text, of which it sees about 500
 * tokens), in this process and with one thread that does not spin: training may share the machine.
 */
public final class BgeEmbedder implements TextEmbedder {
  private static final Logger LOG = LoggerFactory.getLogger(BgeEmbedder.class);
  private static final String MODEL = "/bge-small-en-v1.5-q.onnx";
  private static final String TOKENIZER = "/bge-small-en-v1.5-q-tokenizer.json";

  /** The model was trained with these words before questions. */
  private static final String ASKING = "Represent this sentence for searching relevant passages: ";

  /**
   * ONNX Runtime 1.29.0 ends the process where the command line is longer than a page of memory.
   */
  private static final int LONGEST_COMMAND_LINE = 4_000;

  private final OrtSession session;
  private final AbstractInProcessEmbeddingModel model;

  private BgeEmbedder(OrtSession session, OnnxBertBiEncoder encoder) {
    this.session = session;
    this.model =
        new AbstractInProcessEmbeddingModel(Runnable::run) {
          @Override
          protected OnnxBertBiEncoder model() {
            return encoder;
          }
        };
  }

  /** Loads model and native code, which takes about a second. */
  public static TextEmbedder load() throws EmbedderUnavailableException {
    if (lengthOfCommandLine() > LONGEST_COMMAND_LINE) {
      throw new EmbedderUnavailableException(
          "the command line of this program is longer than "
              + LONGEST_COMMAND_LINE
              + " bytes, which ends ONNX Runtime; put the class path into CLASSPATH");
    }
    // else DJL, whose tokenizer it is, tells its makers of the use, and fetches native code for
    // GPUs
    System.setProperty("ai.djl.offline", "true");
    try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "foresplit");
      settings.setIntraOpNumThreads(1);
      settings.setInterOpNumThreads(1);
      settings.addConfigEntry("session.intra_op.allow_spinning", "0");
      OrtSession session = environment.createSession(resource(MODEL).readAllBytes(), settings);
      return new BgeEmbedder(
          session,
          new OnnxBertBiEncoder(environment, session, resource(TOKENIZER), PoolingMode.CLS));
    } catch (OrtException | IOException | RuntimeException | LinkageError e) {
      throw new EmbedderUnavailableException(
          "embeddings cannot be loaded ("
              + firstLine(e)
              + "); they need glibc 2.34 or later on Linux, and room in the temporary folder",
          e);
    }
  }

  private static InputStream resource(String name) throws FileNotFoundException {
    InputStream in = AbstractInProcessEmbeddingModel.class.getResourceAsStream(name);
    if (in == null) {
      throw new FileNotFoundException(name + " is not in this build");
    }
    return in;
  }

  /** 0 where that is not known. */
  private static long lengthOfCommandLine() {
    try (InputStream line = Files.newInputStream(Path.of("/proc/self/cmdline"))) {
      return line.readNBytes(LONGEST_COMMAND_LINE + 1).length;
    } catch (IOException e) {
      return 0;
    }
  }

  private static String firstLine(Throwable problem) {
    return problem.toString().lines().findFirst().orElse("");
  }

  @Override
  public float[] ofPassage(String text) {
    return model.embed(text).content().vector();
  }

  @Override
  public float[] ofQuery(String text) {
    return ofPassage(ASKING + text);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      LOG.warn("the embedding model was not closed in order: {}", firstLine(e));
    }
  }
}
