package io.foresplit.bench.scenario;

import io.foresplit.contract.jobfile.Quantity;
import io.foresplit.contract.jobfile.Section;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.sim.Machine;
import java.util.ArrayList;
import java.util.List;

/**
 * How noisy a world is.
 *
 * @param links relative deviation of rates
 * @param wave amplitude of the slow wave of rates, relative
 * @param wavePeriodSeconds its period
 * @param machine with its noise
 */
record WorldNoise(double links, double wave, double wavePeriodSeconds, Machine machine) {

  static WorldNoise usual() {
    return new WorldNoise(
        GeneratedTrace.USUAL_NOISE,
        GeneratedTrace.USUAL_WAVE,
        GeneratedTrace.USUAL_PERIOD_SECONDS,
        Machine.usual());
  }

  /** The usual machine with noise of its own. */
  static WorldNoise of(
      double links, double wave, double wavePeriodSeconds, double compute, double usage) {
    Machine usual = Machine.usual();
    return new WorldNoise(
        links, wave, wavePeriodSeconds, machine(usual, compute, usual.messageNoise(), usage));
  }

  private static Machine machine(Machine like, double compute, double messages, double usage) {
    return new Machine(
        like.stepSeconds(),
        like.hopSeconds(),
        like.messageSeconds(),
        like.secondsPerByte(),
        like.moveSeconds(),
        compute,
        messages,
        usage,
        like.coresPerCompute(),
        like.idleCores(),
        like.heapBytes(),
        like.nativeBytes());
  }

  /** What the keys {@code noise} and {@code machine} of a section say; usual where they do not. */
  static WorldNoise read(Section section) {
    List<WorldNoise> read = new ArrayList<>(List.of(usual()));
    if (section.has("machine")) {
      section.section("machine", s -> s.attempt(() -> read.add(0, machine(s))));
    }
    if (section.has("noise")) {
      Machine like = read.get(0).machine();
      section.section("noise", s -> s.attempt(() -> read.add(0, noise(s, like))));
    }
    return read.get(0);
  }

  private static WorldNoise machine(Section section) {
    Machine usual = Machine.usual();
    return new WorldNoise(
        usual().links(),
        usual().wave(),
        usual().wavePeriodSeconds(),
        new Machine(
            or(section, "step", Quantity.TIME, usual.stepSeconds()),
            or(section, "hop", Quantity.TIME, usual.hopSeconds()),
            or(section, "message", Quantity.TIME, usual.messageSeconds()),
            or(section, "secondsPerByte", Quantity.NUMBER, usual.secondsPerByte()),
            or(section, "move", Quantity.TIME, usual.moveSeconds()),
            usual.computeNoise(),
            usual.messageNoise(),
            usual.usageNoise(),
            or(section, "coresPerCompute", Quantity.NUMBER, usual.coresPerCompute()),
            or(section, "idleCores", Quantity.NUMBER, usual.idleCores()),
            or(section, "heap", Quantity.SIZE, usual.heapBytes()),
            or(section, "native", Quantity.SIZE, usual.nativeBytes())));
  }

  private static WorldNoise noise(Section section, Machine like) {
    WorldNoise usual = usual();
    WorldNoise noise =
        new WorldNoise(
            or(section, "links", Quantity.SHARE, usual.links()),
            or(section, "wave", Quantity.SHARE, usual.wave()),
            or(section, "wavePeriod", Quantity.TIME, usual.wavePeriodSeconds()),
            machine(
                like,
                or(section, "compute", Quantity.SHARE, like.computeNoise()),
                or(section, "messages", Quantity.SHARE, like.messageNoise()),
                or(section, "usage", Quantity.SHARE, like.usageNoise())));
    new GeneratedTrace(0, 1, noise.links, noise.wave, noise.wavePeriodSeconds); // checks them
    return noise;
  }

  private static double or(Section section, String key, Quantity quantity, double usual) {
    return section.has(key) ? section.quantity(key, quantity) : usual;
  }
}
