package io.foresplit.forecaster.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.foresplit.forecaster.Quantiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;

/**
 * A forecasting model in ONNX, run by ONNX Runtime on the caller's thread (and on its own ones
 * where more are asked for). It takes {@code context}, float[batch, length] with NaN for what is
 * missing, and gives {@code quantiles}, float[batch, 9, horizon], the deciles. A file is checked
 * and tried when it is loaded. Thread-safe; closing waits for runs that are under way, and a closed
 * one refuses to run.
 */
public final class OnnxModel implements AutoCloseable {
  /** Fewest values a context may have. */
  static final int LEAST_LENGTH = 64;

  private static final String BUNDLED = "/io/foresplit/forecaster/model/forecaster.onnx";

  /** A context of any length is fed in multiples of this. */
  private static final int LENGTH_STEP = 16;

  /** A product with a matrix of one row is rounded otherwise than one of several. */
  private static final int LEAST_ROWS = 2;

  /** Version 1.29.0 ends the process by a signal where it is longer than a page of 4,096 bytes. */
  private static final int LONGEST_COMMAND_LINE = 4000;

  private static final long MOST_BYTES = 1L << 30;
  private static final String GIVE_A_FILE = "give the path of an ONNX file";
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9._+-]{1,40}");

  /**
   * How a model is run.
   *
   * @param context most values it is fed if it takes any number, a multiple of 16 from 64 to 8192
   * @param threads that share one run, 1 to 64. One thread does not depend on the load of others
   */
  public record Options(int context, int threads) {
    public static final Options DEFAULT = new Options(512, 1);

    public Options {
      boolean within = context >= LEAST_LENGTH && context <= ModelShape.MOST_LENGTH;
      if (!within || context % LENGTH_STEP != 0) {
        throw new IllegalArgumentException(
            "context must be a multiple of 16 from 64 to 8192, was " + context);
      }
      if (threads < 1 || threads > 64) {
        throw new IllegalArgumentException("threads must be from 1 to 64, was " + threads);
      }
    }
  }

  private final ReadWriteLock closing = new ReentrantReadWriteLock();
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Options options;
  private final ModelShape shape;
  private final String version;
  private final int horizon;

  /** Takes the session over: it is closed if the model is refused. */
  private OnnxModel(
      OrtEnvironment environment, OrtSession session, Options options, byte[] bytes, String where)
      throws ModelFileException, OrtException {
    this.environment = environment;
    this.session = session;
    this.options = options;
    this.shape = ModelShape.of(session, where, LEAST_LENGTH);
    this.version = version(session, bytes);
    this.horizon = tried(where);
  }

  /** Loads a model from a file, and tries it. */
  public static OnnxModel load(Path file, Options options) throws ModelFileException {
    String where = file.toString();
    try {
      if (Files.isDirectory(file)) {
        throw new ModelFileException(where, "is a folder", GIVE_A_FILE);
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new ModelFileException(where, "is larger than 1 GiB", "use a smaller model");
      }
      return of(Files.readAllBytes(file), where, options);
    } catch (ModelFileException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new ModelFileException(where, "does not exist", GIVE_A_FILE, e);
    } catch (IOException e) {
      throw new ModelFileException(
          where,
          "cannot be read (" + e.getClass().getSimpleName() + ")",
          "make it readable for this program",
          e);
    }
  }

  /** Loads the model that comes with the program. */
  public static OnnxModel bundled(Options options) throws ModelFileException {
    String where = "the bundled model " + BUNDLED;
    String remedy = "set forecaster.model to the path of an ONNX file";
    try (InputStream in = OnnxModel.class.getResourceAsStream(BUNDLED)) {
      if (in == null) {
        throw new ModelFileException(where, "is not in this build", remedy);
      }
      return of(in.readAllBytes(), where, options);
    } catch (ModelFileException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelFileException(where, "cannot be read (" + e.getMessage() + ")", remedy, e);
    }
  }

  private static OnnxModel of(byte[] bytes, String where, Options options)
      throws ModelFileException {
    OrtEnvironment environment = environment(where);
    OrtSession session;
    try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      settings.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      settings.setIntraOpNumThreads(options.threads());
      settings.setInterOpNumThreads(1);
      settings.setDeterministicCompute(true);
      settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      settings.addConfigEntry("session.intra_op.allow_spinning", "0");
      session = environment.createSession(bytes, settings);
    } catch (OrtException e) {
      throw new ModelFileException(
          where,
          "is no ONNX model that can be loaded (" + ModelFileException.reason(e) + ")",
          ModelShape.REMEDY,
          e);
    }
    try {
      return new OnnxModel(environment, session, options, bytes, where);
    } catch (ModelFileException e) {
      close(session, e);
      throw e;
    } catch (OrtException e) {
      close(session, e);
      throw new ModelFileException(
          where, "cannot be examined (" + ModelFileException.reason(e) + ")", ModelShape.REMEDY, e);
    }
  }

  /** There is one for the process; the first use unpacks and loads native code. */
  private static OrtEnvironment environment(String where) throws ModelFileException {
    long length = lengthOfCommandLine();
    if (length > LONGEST_COMMAND_LINE) {
      throw new ModelFileException(
          where,
          "ONNX Runtime would crash, for the command line of this program has " + length + " bytes",
          "make it shorter than "
              + LONGEST_COMMAND_LINE
              + ", with the class path in the environment variable CLASSPATH");
    }
    try {
      return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "foresplit");
    } catch (LinkageError | RuntimeException e) {
      throw new ModelFileException(
          where,
          "ONNX Runtime cannot be started (" + ModelFileException.reason(e) + ")",
          "it needs Linux with glibc on x64 or arm64, macOS on arm64 or Windows on x64, and 30 MB"
              + " in the temporary folder",
          e);
    }
  }

  /** In bytes; 0 where that is not known. */
  private static long lengthOfCommandLine() {
    try {
      return Files.readAllBytes(Path.of("/proc/self/cmdline")).length;
    } catch (IOException e) {
      return 0;
    }
  }

  private static void close(OrtSession session, Exception because) {
    try {
      session.close();
    } catch (OrtException e) {
      because.addSuppressed(e);
    }
  }

  /** The file's own word, else the start of its checksum. */
  private static String version(OrtSession session, byte[] bytes) throws OrtException {
    String own = session.getMetadata().getCustomMetadata().getOrDefault("version", "");
    if (VERSION.matcher(own).matches()) {
      return own;
    }
    return Fingerprint.of(bytes);
  }

  /** Runs the shortest window alone, then three long ones with gaps; says the horizon. */
  private int tried(String where) throws ModelFileException {
    int length = length(longest());
    List<double[]> one = List.of(trial(LEAST_LENGTH, LEAST_LENGTH));
    List<double[]> several =
        List.of(trial(length, 5), trial(length - LENGTH_STEP / 2, 7), trial(length, length));
    int steps = horizon(one, length(LEAST_LENGTH), where);
    int most = Math.min(mostBatch(), several.size());
    int again = horizon(several.subList(0, most), length, where);
    if (steps != again) {
      throw new ModelFileException(
          where,
          "expected one horizon, was "
              + steps
              + " for a short context and "
              + again
              + " for a long",
          ModelShape.REMEDY);
    }
    return steps;
  }

  private int horizon(List<double[]> windows, int length, String where) throws ModelFileException {
    List<double[][]> said;
    try {
      said = run(windows, length);
    } catch (OrtException e) {
      throw new ModelFileException(
          where,
          "fails with a context of float["
              + rows(windows.size())
              + ", "
              + length
              + "] ("
              + ModelFileException.reason(e)
              + ")",
          ModelShape.REMEDY,
          e);
    }
    for (double[][] rows : said) {
      if (!isFinite(rows)) {
        throw new ModelFileException(
            where,
            "expected finite quantiles for windows in which values are missing (NaN), was not",
            ModelShape.REMEDY);
      }
    }
    return said.get(0)[0].length;
  }

  private static double[] trial(int length, int gapEvery) {
    double[] window = new double[length];
    Arrays.setAll(window, i -> i % gapEvery == 1 ? Double.NaN : Math.sin(0.37 * i));
    return window;
  }

  static boolean isFinite(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite);
  }

  /** Version by the metadata {@code version}, else the first 8 hex digits of the file's SHA-256. */
  public String version() {
    return version;
  }

  /** Intervals ahead that one run forecasts. */
  public int horizon() {
    return horizon;
  }

  /** Most values that a window is fed with. */
  int longest() {
    return shape.length() == ModelShape.ANY ? options.context() : (int) shape.length();
  }

  /** Most windows of one run. */
  int mostBatch() {
    return shape.batch() == ModelShape.ANY ? ModelShape.MOST_BATCH : (int) shape.batch();
  }

  /** Length at which a window of so many values is fed. */
  int length(int values) {
    if (shape.length() != ModelShape.ANY) {
      return (int) shape.length();
    }
    int padded = (values + LENGTH_STEP - 1) / LENGTH_STEP * LENGTH_STEP;
    return Math.min(Math.max(padded, LEAST_LENGTH), options.context());
  }

  /** Rows of a run with so many windows; those without a window are all NaN. */
  private int rows(int windows) {
    return shape.batch() == ModelShape.ANY ? Math.max(windows, LEAST_ROWS) : (int) shape.batch();
  }

  /**
   * One run.
   *
   * @param windows at most {@link #mostBatch()}, of at most {@code length} values each; NaN where
   *     one is missing, values within the range of a float. They are padded with NaN on the left
   * @param length as {@link #length(int)} has it
   * @return for each window a row of a horizon for each level, as the model has them: rows may
   *     cross and need not be finite
   */
  List<double[][]> run(List<double[]> windows, int length) throws OrtException {
    int rows = rows(windows.size());
    float[] flat = new float[rows * length];
    Arrays.fill(flat, Float.NaN);
    for (int i = 0; i < windows.size(); i++) {
      double[] window = windows.get(i);
      int at = (i + 1) * length - window.length;
      for (int k = 0; k < window.length; k++) {
        flat[at + k] = (float) window[k];
      }
    }
    long[] dimensions = {rows, length};
    closing.readLock().lock();
    try (OnnxTensor context =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(flat), dimensions);
        OrtSession.Result result =
            session.run(Map.of(ModelShape.INPUT, context), Set.of(ModelShape.OUTPUT))) {
      if (!(result.get(0) instanceof OnnxTensor quantiles)) {
        throw new OrtException("it gives no tensor");
      }
      return matrices(quantiles, windows.size(), rows);
    } finally {
      closing.readLock().unlock();
    }
  }

  private List<double[][]> matrices(OnnxTensor quantiles, int count, int rows) throws OrtException {
    long[] shape = quantiles.getInfo().getShape();
    int levels = Quantiles.LEVELS.size();
    boolean right = shape.length == 3 && shape[0] == rows && shape[1] == levels && shape[2] > 0;
    boolean tried = horizon > 0;
    if (!right || (tried && shape[2] != horizon)) {
      throw new OrtException(
          "expected quantiles of float["
              + rows
              + ", "
              + levels
              + ", horizon], was float"
              + Arrays.toString(shape));
    }
    int steps = (int) shape[2];
    FloatBuffer values = quantiles.getFloatBuffer();
    List<double[][]> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      double[][] matrix = new double[levels][steps];
      for (double[] row : matrix) {
        Arrays.setAll(row, h -> values.get());
      }
      all.add(matrix);
    }
    return all;
  }

  @Override
  public void close() {
    closing.writeLock().lock();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("the model cannot be closed", e);
    } finally {
      closing.writeLock().unlock();
    }
  }
}
