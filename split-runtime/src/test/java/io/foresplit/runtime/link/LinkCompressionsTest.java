package io.foresplit.runtime.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Compression;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.JobSpec;
import io.foresplit.runtime.Compressions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinkCompressionsTest {
  private static final JobSpec JOB = Fixtures.lenetJob();
  private static final ComponentId NEAR = ComponentId.link(Fixtures.DEVICE, Fixtures.EDGE);
  private static final ComponentId FAR = ComponentId.link(Fixtures.EDGE, Fixtures.CLOUD);
  private static final Compression FINE = new Compression(0.2, 8);
  private static final Compression COARSE = new Compression(0.5, 4);

  @Test
  void overSeveralLinksTheLeastOfEachHolds() {
    LinkCompressions both = new LinkCompressions(1, Map.of(NEAR, FINE, FAR, COARSE));

    assertThat(both.along(JOB, Fixtures.DEVICE, Fixtures.EDGE)).contains(FINE);
    assertThat(both.along(JOB, Fixtures.EDGE, Fixtures.DEVICE)).contains(FINE);
    assertThat(both.along(JOB, Fixtures.EDGE, Fixtures.CLOUD)).contains(COARSE);
    assertThat(both.along(JOB, Fixtures.DEVICE, Fixtures.CLOUD)).contains(new Compression(0.2, 4));
    assertThat(both.with(NEAR, Optional.empty()).along(JOB, Fixtures.DEVICE, Fixtures.EDGE))
        .isEmpty();
    assertThat(both.with(NEAR, Optional.empty()).along(JOB, Fixtures.DEVICE, Fixtures.CLOUD))
        .contains(COARSE);
    assertThat(LinkCompressions.none().along(JOB, Fixtures.DEVICE, Fixtures.CLOUD)).isEmpty();
  }

  @Test
  void eachChangeIsANewRevision() {
    LinkCompressions table = LinkCompressions.none().with(FAR, Optional.of(FINE));

    assertThat(table.revision()).isEqualTo(1);
    assertThat(table.with(FAR, Optional.empty())).isEqualTo(new LinkCompressions(2, Map.of()));
  }

  @Test
  void aLinkIsNamedByEitherOrderOfItsEnds() {
    assertThat(LinkCompressions.between(JOB, Fixtures.EDGE, Fixtures.DEVICE)).isEqualTo(NEAR);
    assertThat(LinkCompressions.between(JOB, Fixtures.DEVICE, Fixtures.EDGE)).isEqualTo(NEAR);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LinkCompressions.between(JOB, Fixtures.DEVICE, Fixtures.CLOUD))
        .withMessage(
            "compression is of a link between neighbours of the chain [device, edge, cloud], was"
                + " device and cloud");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new LinkCompressions(
                        0, Map.of(ComponentId.link(Fixtures.EDGE, Fixtures.DEVICE), FINE))
                    .checked(JOB))
        .withMessage(
            "compression is set on the direction away from the data owner, was edge->device");
  }

  @Test
  void itSurvivesTheWire() {
    LinkCompressions table = new LinkCompressions(9, Map.of(NEAR, FINE, FAR, COARSE));

    assertThat(Compressions.decode(Compressions.encode(table))).isEqualTo(table);
  }
}
