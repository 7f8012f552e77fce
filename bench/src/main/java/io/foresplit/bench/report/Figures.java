package io.foresplit.bench.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * How figures are written: rounded to some significant digits, without an exponent, keys sorted,
 * and what is not a number as null. The same values give the same bytes.
 */
final class Figures {
  /** Digits of measures. */
  static final int DIGITS = 6;

  /** Digits of runs, from which others compute. */
  static final int RUN_DIGITS = 9;

  private Figures() {}

  static ObjectMapper mapper(int digits) {
    SimpleModule module = new SimpleModule();
    Rounding rounding = new Rounding(digits);
    module.addSerializer(Double.class, rounding);
    module.addSerializer(double.class, rounding);
    return JsonMapper.builder()
        .addModule(module)
        .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
        .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
        .build();
  }

  /** A finite figure without more digits than it is worth: 0.333333, 1234570, 0. */
  static BigDecimal rounded(double value, int digits) {
    BigDecimal rounded =
        BigDecimal.valueOf(value).round(new MathContext(digits)).stripTrailingZeros();
    return rounded.scale() < 0 ? rounded.setScale(0) : rounded;
  }

  private static final class Rounding extends StdSerializer<Double> {
    private final int digits;

    Rounding(int digits) {
      super(Double.class);
      this.digits = digits;
    }

    @Override
    public void serialize(Double value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      if (Double.isFinite(value)) {
        generator.writeNumber(rounded(value, digits).toPlainString());
      } else {
        generator.writeNull();
      }
    }
  }
}
