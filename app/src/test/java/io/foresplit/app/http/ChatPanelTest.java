package io.foresplit.app.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.foresplit.app.browser.Browser;
import io.foresplit.app.config.HttpConfig;
import io.foresplit.app.view.LiveView;
import io.foresplit.app.view.SyntheticRun;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Reasoning;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.SeriesKey;
import io.foresplit.diagnoser.chat.Answerer;
import io.foresplit.diagnoser.chat.ChatEvent;
import io.foresplit.diagnoser.chat.IncidentChat;
import io.foresplit.runtime.plan.CutPlanner;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The chat panel of the console, in a browser. */
@Timeout(180)
class ChatPanelTest {
  private final LiveView view = new LiveView();
  private final Answerer real = new IncidentChat(new CutPlanner());

  @TempDir Path folder;

  /** An answerer that obeys hostile records. */
  private ConsoleServer server() {
    return new ConsoleServer(
        new HttpConfig("127.0.0.1", 0, List.of()),
        view,
        new PrometheusRegistry(),
        (facts, history, question, listener) -> {
          if (question.equals("hostile")) {
            listener.accept(
                new ChatEvent.Token("<img src=x onerror=\"window.hit=1\"><b>bold</b> [E1] [E9]"));
            listener.accept(
                new ChatEvent.Citation("E1", new SeriesKey(ComponentId.JOB, Metric.LOSS)));
            listener.accept(new ChatEvent.End(ChatEvent.Status.ANSWERED));
          } else {
            real.answer(facts, history, question, listener);
          }
        });
  }

  @Test
  void aQuestionIsAnsweredAndItsCitationsLeadToThePlots() throws Exception {
    Optional<Path> program = Browser.installed();
    assumeTrue(program.isPresent(), "no chromium or google-chrome on the path: panel not tried");
    SyntheticRun run = new SyntheticRun(System.currentTimeMillis() / 500 - SyntheticRun.RESOLVED);
    for (int step = 0; step <= SyntheticRun.RESOLVED; step++) {
      run.interval(step, view);
    }
    try (ConsoleServer server = server();
        Browser browser = Browser.open(program.get(), folder, server.url())) {
      JsonNode seen =
          browser.run(
              """
              const byId = (id) => document.getElementById(id);
              await until(() => document.readyState === 'complete' && byId('chat') && !byId('chat').hidden);
              const idle = () => !byId('chat-question').disabled;
              const seen = { about: byId('chat-about').textContent };
              [...document.querySelectorAll('.suggestion')].find((b) => b.textContent === 'Why did it happen?').click();
              await until(() => idle() && document.querySelector('.said .cite'));
              seen.why = document.querySelector('.said').textContent;
              seen.cites = [...document.querySelectorAll('.said .cite')].map((b) => b.textContent);
              document.querySelector('.said .cite').click();
              await until(() => document.querySelector('.cited-plot'));
              seen.plot = document.querySelector('.cited-plot canvas').id;
              seen.row = document.querySelector('tr.cited td').textContent;

              const ask = async (text) => {
                byId('chat-question').value = text;
                byId('chat-form').requestSubmit();
                await until(() => !idle());
                await until(idle);
                return [...document.querySelectorAll('.said')].pop().textContent;
              };
              seen.whatIf = await ask('what if we cut after layer 3?');
              seen.looked = [...document.querySelectorAll('.looked')].pop().textContent;
              seen.followUp = await ask('and after layer 2?');
              seen.asked = [...document.querySelectorAll('.asked')].map((p) => p.textContent);
              await ask('hostile');
              const last = [...document.querySelectorAll('.said')].pop();
              seen.hostile = last.textContent;
              seen.markup = [...last.querySelectorAll('*')].map((e) => e.tagName + e.textContent);
              seen.hit = window.hit ?? 0;
              location.hash = '#plot=job%2FSTEP_SECONDS';
              await until(() => document.querySelector('.cited-plot canvas')?.id === 'step-chart');
              seen.width = document.documentElement.scrollWidth - innerWidth;
              return seen;
              """);
      assertThat(seen.path("about").asText()).isEqualTo("incident-1");
      assertThat(seen.path("why").asText())
          .contains("the uplink device->edge loses rate E1 E3")
          .contains("No language model takes part");
      assertThat(seen.path("cites").toString()).startsWith("[\"E1\",\"E3\"");
      assertThat(seen.path("plot").asText()).isEqualTo("link-chart");
      assertThat(seen.path("row").asText()).isEqualTo("E1");
      assertThat(seen.path("whatIf").asText()).startsWith("With device[0-3] edge[4] cloud[5-6]");
      assertThat(seen.path("looked").asText())
          .isEqualTo("looked up: what-if device[0-3] edge[4] cloud[5-6]");
      assertThat(seen.path("followUp").asText())
          .startsWith("With device[0-2] edge[3-4] cloud[5-6]")
          .doesNotContain("language model");
      assertThat(seen.path("asked")).hasSize(3);
      assertThat(seen.path("hostile").asText())
          .isEqualTo("<img src=x onerror=\"window.hit=1\"><b>bold</b> E1 [E9]");
      assertThat(seen.path("markup").toString()).isEqualTo("[\"BUTTONE1\"]");
      assertThat(seen.path("hit").asInt()).isZero();
      assertThat(seen.path("width").asInt()).isLessThanOrEqualTo(0);
    }
  }

  @Test
  void whatAModelSuggestsIsShownAsText() throws Exception {
    Optional<Path> program = Browser.installed();
    assumeTrue(program.isPresent(), "no chromium or google-chrome on the path: panel not tried");
    SyntheticRun run = new SyntheticRun(System.currentTimeMillis() / 500 - SyntheticRun.RESOLVED);
    for (int step = 0; step <= SyntheticRun.RESOLVED; step++) {
      run.interval(step, view);
    }
    String markup = "<img src=x onerror=\"window.hit=1\">";
    view.on(
        run.revised(
            new Reasoning(
                "small",
                List.of(new Reasoning.Step("The rate fell " + markup, List.of("E1"))),
                List.of(
                    new Reasoning.Recommendation(
                        new RecoveryAction.NotifyOperator("Look " + markup), markup)),
                "It comes back " + markup)));
    try (ConsoleServer server = server();
        Browser browser = Browser.open(program.get(), folder, server.url())) {
      JsonNode seen =
          browser.run(
              """
              await until(() => document.querySelector('.advice'));
              const advice = document.querySelector('.advice');
              return {
                text: advice.textContent,
                said: advice.parentElement.textContent,
                images: advice.parentElement.querySelectorAll('img').length,
                hit: window.hit ?? 0,
              };
              """);
      assertThat(seen.path("text").asText())
          .isEqualTo(
              "suggested by smallLook "
                  + markup
                  + "it is another cause if: It comes back "
                  + markup);
      assertThat(seen.path("said").asText()).contains("The rate fell " + markup + " E1.");
      assertThat(seen.path("images").asInt()).isZero();
      assertThat(seen.path("hit").asInt()).isZero();
    }
  }
}
