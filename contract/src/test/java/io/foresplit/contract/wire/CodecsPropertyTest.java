package io.foresplit.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever the bytes, a codec answers with a value or with a {@link MalformedRecordException}. */
class CodecsPropertyTest {
  private static final List<Examples.Example<?>> EXAMPLES = List.copyOf(Examples.all().values());

  @Property(tries = 2000)
  void anyBytes(@ForAll @Size(max = 200) byte[] bytes) {
    EXAMPLES.forEach(example -> decode(example, bytes));
  }

  @Property(tries = 3000)
  void changedBytes(
      @ForAll @IntRange(max = 16) int which,
      @ForAll @IntRange(min = 1, max = 8) int changes,
      @ForAll long seed) {
    Examples.Example<?> example = EXAMPLES.get(which % EXAMPLES.size());
    byte[] bytes = example.bytes();
    Random random = new Random(seed);
    for (int i = 0; i < changes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    decode(example, bytes);
  }

  private static void decode(Examples.Example<?> example, byte[] bytes) {
    try {
      assertThat(example.decoded(bytes)).isNotNull();
    } catch (MalformedRecordException e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    } catch (RuntimeException e) {
      fail("expected a value or a MalformedRecordException", e);
    }
  }
}
