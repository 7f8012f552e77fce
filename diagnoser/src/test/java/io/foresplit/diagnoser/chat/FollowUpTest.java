package io.foresplit.diagnoser.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.diagnoser.chat.ChatEvent.Status;
import org.junit.jupiter.api.Test;

class FollowUpTest {
  private final Asking asking = new Asking(RecordedIncident.whole().facts());

  @Test
  void aWhatIfGoesOn() {
    asking.ask("what if we cut after layer 3?");
    assertThat(asking.ask("and after layer 2?").text())
        .startsWith("With device[0-2] edge[3] cloud[4-6]");
    assertThat(asking.ask("and 1?").text()).startsWith("With device[0-1] edge[2-3] cloud[4-6]");
    assertThat(asking.ask("and after layer 1 and layer 4?").text())
        .startsWith("With device[0-1] edge[2-4] cloud[5-6]");
    assertThat(asking.ask("or layers 2-3 on cloud?").text())
        .startsWith("With device[0-1] cloud[2-6]");
    assertThat(asking.ask("and on device?").text()).startsWith("With device[0-3] cloud[4-6]");
    assertThat(asking.ask("and under healthy conditions?").text())
        .startsWith("With device[0-3] cloud[4-6]");
  }

  @Test
  void theSameWordsMeanNothingWithoutAWhatIfBefore() {
    assertThat(asking.ask("and 1?").status()).isEqualTo(Status.UNKNOWN);
  }

  @Test
  void aForecastGoesOnWithAComponent() {
    asking.ask("what is forecast?");
    assertThat(asking.ask("what about the edge?").text())
        .contains("the slowdown against the declared speed of edge is 1.00x");
    assertThat(asking.ask("and device->edge?").text()).contains("the rate of device->edge is");
  }

  @Test
  void aMetricGoesOnWithAComponent() {
    asking.ask("how is the rate of device->edge?");
    Asking.Answer other = asking.ask("and cloud->edge?");
    assertThat(other.text()).startsWith("No values of the rate are recorded");
  }

  @Test
  void aFactIsAskedForByItsId() {
    asking.ask("what is the evidence?");
    assertThat(asking.ask("and E3?").text()).startsWith("Predicted: the step time model predicts");
    assertThat(asking.ask("what about the edge?").text()).startsWith("With a probability of 6 %");
  }
}
