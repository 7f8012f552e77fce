package io.foresplit.forecaster.model;

import com.google.protobuf.InvalidProtocolBufferException;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.forecaster.KindClassifier;
import io.foresplit.forecaster.KindFeatures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.sgd.linear.LinearSGDModel;
import org.tribuo.impl.ArrayExample;
import org.tribuo.protos.core.ModelProto;

/**
 * Says of which kind an incident is, by a logistic regression of Tribuo from a file in Tribuo's own
 * Protobuf form; nothing of Java's serialisation is read. Abstains below {@value
 * #LEAST_PROBABILITY}. Immutable and thread-safe.
 */
public final class KindModel implements KindClassifier {
  /** Least probability with which a kind is named. */
  public static final double LEAST_PROBABILITY = 0.6;

  static final String NAME = "kinds";
  private static final String BUNDLED = "/io/foresplit/forecaster/model/kinds.tribuo";
  private static final String REMEDY = "./foresplit train kinds writes one";

  private final Model<Label> model;
  private final byte[] bytes;
  private final String version;

  private KindModel(Model<Label> model, byte[] bytes) {
    this.model = model;
    this.bytes = bytes;
    this.version = NAME + "/" + Fingerprint.of(bytes);
  }

  /** The model that is built in. */
  public static KindModel bundled() {
    try (InputStream in = KindModel.class.getResourceAsStream(BUNDLED)) {
      if (in == null) {
        throw new IllegalStateException("this build has no model " + BUNDLED);
      }
      return of(in.readAllBytes(), "the bundled model " + BUNDLED);
    } catch (IOException e) {
      throw new IllegalStateException("the built-in model cannot be read: " + e.getMessage(), e);
    }
  }

  /** A model from a file. */
  public static KindModel load(Path file) throws ModelFileException {
    return of(TribuoFile.read(file, REMEDY), file.toString());
  }

  static KindModel of(byte[] bytes, String where) throws ModelFileException {
    ModelProto proto;
    try {
      proto = ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new ModelFileException(where, "is no model of Tribuo", REMEDY, e);
    }
    if (!proto.getClassName().equals(LinearSGDModel.class.getName())) {
      throw new ModelFileException(
          where,
          "expected a linear classifier, was '"
              + ModelFileException.shown(proto.getClassName())
              + "'",
          REMEDY);
    }
    Model<Label> model;
    try {
      model =
          LinearSGDModel.deserializeFromProto(
              proto.getVersion(), proto.getClassName(), proto.getSerializedData());
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw new ModelFileException(where, "is damaged: " + ModelFileException.reason(e), REMEDY, e);
    }
    check(model, where);
    return new KindModel(model, bytes);
  }

  private static void check(Model<Label> model, String where) throws ModelFileException {
    for (Label label : model.getOutputIDInfo().getDomain()) {
      if (kind(label.getLabel()) == DegradationKind.UNKNOWN) {
        throw new ModelFileException(
            where,
            "expected kinds of degradation, was '"
                + ModelFileException.shown(label.getLabel())
                + "'",
            REMEDY);
      }
    }
    TreeSet<String> unknown = new TreeSet<>(model.getFeatureIDMap().keySet());
    unknown.removeAll(KindFeatures.NAMES);
    if (!unknown.isEmpty() || !model.generatesProbabilities()) {
      throw new ModelFileException(
          where,
          "expected probabilities from the features of this version, has "
              + (unknown.isEmpty() ? "none" : ModelFileException.shown(unknown.first())),
          REMEDY);
    }
  }

  @Override
  public Degradation classify(KindFeatures features) {
    ArrayExample<Label> example = new ArrayExample<>(new Label(DegradationKind.UNKNOWN.label()));
    features.values().forEach(example::add);
    Prediction<Label> prediction = model.predict(example);
    Label best = prediction.getOutput();
    double probability = Math.min(1, Math.max(0, best.getScore()));
    DegradationKind kind =
        probability >= LEAST_PROBABILITY ? kind(best.getLabel()) : DegradationKind.UNKNOWN;
    return new Degradation(kind, probability, version);
  }

  /** Name and first digits of the SHA-256 of the file. */
  public String version() {
    return version;
  }

  /** What it was trained on, by name. */
  public SortedMap<String, String> origin() {
    return TribuoFile.origin(model);
  }

  /** Kinds that it knows. */
  public List<DegradationKind> kinds() {
    return Arrays.stream(DegradationKind.values())
        .filter(
            kind ->
                model.getOutputIDInfo().getDomain().stream()
                    .anyMatch(label -> label.getLabel().equals(kind.label())))
        .collect(Collectors.toList());
  }

  /** The file. */
  public byte[] bytes() {
    return bytes.clone();
  }

  private static DegradationKind kind(String label) {
    return Arrays.stream(DegradationKind.values())
        .filter(kind -> kind.label().equals(label))
        .findFirst()
        .orElse(DegradationKind.UNKNOWN);
  }
}
