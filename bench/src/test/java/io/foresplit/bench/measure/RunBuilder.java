package io.foresplit.bench.measure;

import io.foresplit.bench.measure.Alarm.Candidate;
import io.foresplit.bench.measure.Run.Line;
import io.foresplit.bench.measure.Run.Span;
import java.util.ArrayList;
import java.util.List;

/** A run of 1,000 s with reports each 5 s, in which nothing happens until it is said. */
public final class RunBuilder {
  private String scenario = "scenario";
  private String topology = "chain-4";
  private String kind = "uplink-fade";
  private String course = "gradual";
  private String use = "scoring";
  private long seed = 1;
  private String runtime = "simulated";
  private String strategy = "proactive";
  private String job = "job";
  private double duration = 1000;
  private final List<Truth> truths = new ArrayList<>();
  private final List<Alarm> alarms = new ArrayList<>();
  private final List<Act> acts = new ArrayList<>();
  private final List<Span> breaches = new ArrayList<>();
  private final List<Span> faultFreeBreaches = new ArrayList<>();
  private long usefulSteps = 1000;
  private double finalLoss = 1;
  private double faultFreeLoss = 1;
  private Line line = new Line(5, List.of(), Double.NaN);

  public static RunBuilder run() {
    return new RunBuilder();
  }

  /** A fault from 100 s to 500 s that breaches an objective at 200 s. */
  static Truth fade() {
    return truth("uplink-fade", "a>b", "uplink-fade", 100, 500, 200.0);
  }

  public static Truth truth(
      String kind, String component, String cause, double onset, double end, Double breach) {
    return new Truth(kind, component, cause, onset, end, breach, List.of(component, "job"));
  }

  public static Candidate candidate(String component, String cause) {
    return new Candidate(component, cause, 0.5);
  }

  public RunBuilder scenario(String id, String itsTopology, String itsKind, String itsCourse) {
    scenario = id;
    topology = itsTopology;
    kind = itsKind;
    course = itsCourse;
    return this;
  }

  public RunBuilder use(String its) {
    use = its;
    return this;
  }

  public RunBuilder seed(long its) {
    seed = its;
    return this;
  }

  public RunBuilder runtime(String its) {
    runtime = its;
    return this;
  }

  public RunBuilder strategy(String its) {
    strategy = its;
    return this;
  }

  public RunBuilder job(String its) {
    job = its;
    return this;
  }

  public RunBuilder lasting(double seconds) {
    duration = seconds;
    return this;
  }

  public RunBuilder fault(Truth truth) {
    truths.add(truth);
    return this;
  }

  public RunBuilder alarm(double opened, Candidate... ranked) {
    return alarm(opened, null, List.of(), ranked);
  }

  public RunBuilder alarm(double opened, Double resolved, List<String> path, Candidate... ranked) {
    alarms.add(new Alarm(opened, resolved, List.of(ranked), path));
    return this;
  }

  public RunBuilder move(double at, boolean valid, String result, double pauseMillis, long lost) {
    acts.add(new Act("move-layers", at, valid, result, pauseMillis, lost, true));
    return this;
  }

  public RunBuilder notice(double at) {
    acts.add(new Act("notify-operator", at, true, "NOTIFIED", 0, 0, false));
    return this;
  }

  public RunBuilder breach(double from, double to) {
    breaches.add(new Span(from, to));
    return this;
  }

  public RunBuilder faultFreeBreach(double from, double to) {
    faultFreeBreaches.add(new Span(from, to));
    return this;
  }

  public RunBuilder useful(long steps) {
    usefulSteps = steps;
    return this;
  }

  public RunBuilder loss(double itsFinal, double faultFree) {
    finalLoss = itsFinal;
    faultFreeLoss = faultFree;
    return this;
  }

  public RunBuilder line(Line its) {
    line = its;
    return this;
  }

  public Run build() {
    return new Run(
        scenario,
        topology,
        kind,
        course,
        use,
        seed,
        runtime,
        strategy,
        job,
        duration,
        5,
        truths,
        alarms,
        acts,
        breaches,
        faultFreeBreaches,
        usefulSteps,
        1000,
        finalLoss,
        faultFreeLoss,
        line);
  }
}
