package io.foresplit.runtime.compress;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Deflate (RFC 1951) without header and checksum: what carries it has its own. */
final class Deflation {
  private static final int BUFFER_BYTES = 4 << 10;

  private Deflation() {}

  static byte[] deflate(byte[] plain) {
    // gaps and levels of noise repeat by chance only: the entropy of single bytes is all there is
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setStrategy(Deflater.HUFFMAN_ONLY);
      deflater.setInput(plain);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2 + 64);
      byte[] buffer = new byte[BUFFER_BYTES];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /**
   * Inflates byte by byte with a small buffer, so that no input makes it allocate more. Not
   * thread-safe.
   */
  static final class Reader implements AutoCloseable {
    private final Inflater inflater = new Inflater(true);
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final String what;
    private int at;
    private int filled;

    /**
     * @param what is in it, for messages
     */
    Reader(byte[] deflated, String what) {
      inflater.setInput(deflated);
      this.what = what;
    }

    /** The next byte, 0 to 255. */
    int read() {
      if (at == filled && !fill()) {
        throw new IllegalArgumentException(what + " end early");
      }
      return buffer[at++] & 0xff;
    }

    /** Requires that nothing is left. */
    void end() {
      if (at < filled || fill() || inflater.getRemaining() > 0) {
        throw new IllegalArgumentException("there are bytes after the " + what);
      }
    }

    private boolean fill() {
      at = 0;
      filled = 0;
      try {
        while (filled == 0 && !inflater.finished()) {
          filled = inflater.inflate(buffer);
          if (filled == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
            throw new IllegalArgumentException(what + " end early");
          }
        }
      } catch (DataFormatException e) {
        throw new IllegalArgumentException(what + " are not deflated: " + e.getMessage(), e);
      }
      return filled > 0;
    }

    @Override
    public void close() {
      inflater.end();
    }
  }
}
