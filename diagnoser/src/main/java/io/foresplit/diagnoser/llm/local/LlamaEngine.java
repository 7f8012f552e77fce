package io.foresplit.diagnoser.llm.local;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** llama.cpp. Not thread-safe. */
final class LlamaEngine implements Engine {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\[turn-(\\d+)]");
  private static final Pattern WHITE_SPACE = Pattern.compile("(?m)^(space ::=).*$");
  private static final int SEED = 1;

  /** Tokens of a prompt that are computed together; little more is gained by larger ones. */
  private static final int BATCH = 128;

  private final LlamaModel model;
  private final int contextTokens;

  /**
   * Loads the model.
   *
   * @throws RuntimeException when it cannot be loaded
   */
  LlamaEngine(LocalModelConfig config) {
    contextTokens = config.contextTokens();
    ModelParameters parameters =
        new ModelParameters()
            .setModel(config.file().toString())
            .setCtxSize(contextTokens)
            .setThreads(config.threads())
            .setThreadsBatch(config.threads())
            .setBatchSize(BATCH)
            .setUbatchSize(BATCH)
            .setParallel(1)
            .setSeed(SEED)
            .disableContextShift();
    config.loraAdapter().ifPresent(adapter -> parameters.addLoraAdapter(adapter.toString()));
    model = new LlamaModel(parameters);
  }

  @Override
  public Run begin(Question question) {
    String prompt = prompt(question.turns());
    int promptTokens = model.encode(prompt).length;
    if (promptTokens + question.mostTokens() > contextTokens) {
      throw new IllegalArgumentException(
          "the prompt has "
              + promptTokens
              + " tokens and the answer may have "
              + question.mostTokens()
              + ", together at most "
              + contextTokens
              + " fit: ask for less, or raise llm.contextTokens");
    }
    InferenceParameters parameters =
        new InferenceParameters(prompt)
            .setNPredict(question.mostTokens())
            .setTemperature((float) question.temperature())
            .setSeed(SEED)
            .setCachePrompt(true);
    question.schema().map(LlamaEngine::grammar).ifPresent(parameters::setGrammar);
    if (!question.stops().isEmpty()) {
      parameters.setStopStrings(question.stops().toArray(String[]::new));
    }
    return new LlamaRun(model.generate(parameters).iterator(), promptTokens);
  }

  /** JSON of a schema; with a space at most where a small model would else write many lines. */
  private static String grammar(String schema) {
    return WHITE_SPACE.matcher(LlamaModel.jsonSchemaToGrammar(schema)).replaceAll("$1 \" \"?");
  }

  /**
   * By the template of the model. It is given place holders, and the texts are put in their place
   * afterwards: so no text can be taken for a part of the template, and none passes through the
   * library's narrow conversion of strings.
   */
  private String prompt(List<Question.Turn> turns) {
    String system = null;
    List<Pair<String, String>> others = new ArrayList<>();
    for (int i = 0; i < turns.size(); i++) {
      String placeholder = "[turn-" + i + "]";
      if (turns.get(i).role().equals("system")) {
        system = placeholder;
      } else {
        others.add(new Pair<>(turns.get(i).role(), placeholder));
      }
    }
    String frame = model.applyTemplate(new InferenceParameters("").setMessages(system, others));
    return PLACEHOLDER
        .matcher(frame)
        .replaceAll(
            found -> {
              String text = turns.get(Integer.parseInt(found.group(1))).text();
              return Matcher.quoteReplacement(ControlTokens.defuse(text));
            });
  }

  /** Not thread-safe. */
  private static final class LlamaRun implements Run {
    private final LlamaIterator outputs;
    private final int promptTokens;
    private int answerTokens;

    LlamaRun(LlamaIterator outputs, int promptTokens) {
      this.outputs = outputs;
      this.promptTokens = promptTokens;
    }

    @Override
    public int promptTokens() {
      return promptTokens;
    }

    @Override
    public int answerTokens() {
      return answerTokens;
    }

    @Override
    public Optional<String> next() {
      if (!outputs.hasNext()) {
        return Optional.empty();
      }
      String text = outputs.next().text;
      if (outputs.hasNext()) {
        // the last output only says that it is the last
        answerTokens++;
      }
      return Optional.of(text);
    }

    @Override
    public void cancel() {
      outputs.cancel();
    }
  }
}
