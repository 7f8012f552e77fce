package io.foresplit.forecaster.model;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.foresplit.contract.DegradationKind;
import io.foresplit.forecaster.KindFeatures;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.classification.sgd.protos.ClassificationLinearSGDProto;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.protos.core.ModelProto;

/**
 * Trains a {@link KindModel}: multinomial logistic regression by Tribuo, every kind of the same
 * weight, however many examples it has. The same examples in the same order give the same bytes:
 * neither time nor machine is in the provenance. Stateless.
 */
public final class KindTrainer {
  private static final int EPOCHS = 60;
  private static final double RATE = 0.1;
  private static final int BATCH = 8;
  private static final long SEED = 20_061;

  private KindTrainer() {}

  /** Features of an incident whose kind is known. */
  public record Example(DegradationKind kind, KindFeatures features) {
    public Example {
      if (kind == DegradationKind.UNKNOWN) {
        throw new IllegalArgumentException("an example must be of a known kind, was " + kind);
      }
    }
  }

  /**
   * The model of some examples.
   *
   * @param origin what it was trained on, by name, for provenance
   */
  public static KindModel train(List<Example> examples, SortedMap<String, String> origin) {
    Map<DegradationKind, Integer> counts = new EnumMap<>(DegradationKind.class);
    examples.forEach(example -> counts.merge(example.kind(), 1, Integer::sum));
    if (counts.size() < 2) {
      throw new IllegalArgumentException(
          "a model of kinds needs examples of two kinds at least, had " + counts.keySet());
    }
    TribuoFile.quiet();
    LabelFactory labels = new LabelFactory();
    MutableDataset<Label> dataset =
        new MutableDataset<>(TribuoFile.source("incidents of simulated jobs", labels), labels);
    for (Example example : examples) {
      double share = counts.getOrDefault(example.kind(), 1) * (double) counts.size();
      ArrayExample<Label> one =
          new ArrayExample<>(new Label(example.kind().label()), (float) (examples.size() / share));
      example.features().values().forEach(one::add);
      dataset.add(one);
    }
    LinearSGDTrainer trainer =
        new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(RATE), EPOCHS, -1, BATCH, SEED);
    Model<Label> model = trainer.train(dataset);
    try {
      ModelProto proto = model.serialize();
      ClassificationLinearSGDProto linear =
          proto.getSerializedData().unpack(ClassificationLinearSGDProto.class).toBuilder()
              .setMetadata(TribuoFile.metadata(KindModel.NAME, model, dataset, trainer, origin))
              .build();
      ModelProto dateless = proto.toBuilder().setSerializedData(Any.pack(linear)).build();
      return KindModel.of(dateless.toByteArray(), "the trained model");
    } catch (InvalidProtocolBufferException | ModelFileException e) {
      throw new IllegalStateException("a model just trained could not be read back", e);
    }
  }
}
