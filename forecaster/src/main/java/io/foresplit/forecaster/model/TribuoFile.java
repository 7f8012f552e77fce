package io.foresplit.forecaster.model;

import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.Trainer;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * What files of models of Tribuo have in common: Tribuo's own Protobuf form, without a time and a
 * machine in its provenance, so that the same training gives the same bytes; read as one class that
 * is known. Parts within it name classes of their own: files are as trusted as the program.
 */
final class TribuoFile {
  private static final int MOST_BYTES = 1 << 20;
  private static final OffsetDateTime NO_TIME =
      OffsetDateTime.ofInstant(Instant.EPOCH, ZoneOffset.UTC);

  /** Held, for loggers are forgotten with the levels they have. */
  private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

  private TribuoFile() {}

  /** Tribuo tells of each training; the caller does so itself. */
  static void quiet() {
    TRIBUO.setLevel(Level.WARNING);
  }

  /** Where examples come from, for provenance. */
  static <T extends Output<T>> SimpleDataSourceProvenance source(
      String description, OutputFactory<T> outputs) {
    return new SimpleDataSourceProvenance(description, NO_TIME, outputs);
  }

  /**
   * What describes a trained model in its file.
   *
   * @param origin what it was trained on, by name
   */
  static <T extends Output<T>> ModelDataProto metadata(
      String name,
      Model<T> model,
      Dataset<T> dataset,
      Trainer<T> trainer,
      SortedMap<String, String> origin) {
    Map<String, Provenance> instance = new TreeMap<>();
    origin.forEach((key, value) -> instance.put(key, new StringProvenance(key, value)));
    ModelProvenance provenance =
        new ModelProvenance(
            model.getClass().getName(),
            NO_TIME,
            dataset.getProvenance(),
            trainer.getProvenance(),
            instance,
            false);
    return new ModelDataCarrier<>(
            name,
            provenance,
            model.getFeatureIDMap(),
            model.getOutputIDInfo(),
            model.generatesProbabilities(),
            provenance.getTribuoVersion())
        .serialize();
  }

  /** What a model was trained on, by name. */
  static SortedMap<String, String> origin(Model<?> model) {
    SortedMap<String, String> origin = new TreeMap<>();
    model
        .getProvenance()
        .getInstanceProvenance()
        .getMap()
        .forEach(
            (name, value) ->
                origin.put(
                    name,
                    value instanceof StringProvenance text ? text.getValue() : value.toString()));
    return origin;
  }

  /** The bytes of a file that is not too large. */
  static byte[] read(Path file, String remedy) throws ModelFileException {
    try {
      if (!Files.isRegularFile(file)) {
        throw new ModelFileException(file.toString(), "there is no such file", remedy);
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new ModelFileException(
            file.toString(),
            "expected at most " + MOST_BYTES + " bytes, was " + Files.size(file),
            remedy);
      }
      return Files.readAllBytes(file);
    } catch (ModelFileException e) {
      throw e;
    } catch (IOException e) {
      throw new ModelFileException(
          file.toString(), "cannot be read: " + ModelFileException.reason(e), remedy, e);
    }
  }
}
