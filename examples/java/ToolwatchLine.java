import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Writes the line of a call, by the rules of docs/line.md. It needs nothing but Java 17. */
public final class ToolwatchLine {
  /** Why a call failed, and who must act. */
  public record Failure(String code, String type, String message, String fault, boolean retryable) {}

  /** With milliseconds at whole seconds too, where {@link Instant#toString} writes none. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final Map<String, String> DURATION = Map.of("Name", "duration_ms", "Unit", "Milliseconds");
  private static final Map<String, String> ERROR = Map.of("Name", "error", "Unit", "Count");
  private static boolean isFirst = true;

  private ToolwatchLine() {}

  /** Writes the line of a call of a tool that ended now; without a failure it succeeded. */
  public static synchronized void write(String tool, double durationMs, Failure failure) throws Exception {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    boolean byCaller = failure != null && failure.fault().equals("caller");
    String id = UUID.randomUUID().toString();
    Map<String, Object> line = new LinkedHashMap<>();
    // A caller's fault is no sample of how often the tool fails.
    line.put("_aws", Map.of("Timestamp", now.toEpochMilli(), "CloudWatchMetrics", List.of(Map.of(
        "Namespace", "Toolwatch", "Dimensions", List.of(List.of("service", "tool")),
        "Metrics", byCaller ? List.of(DURATION) : List.of(DURATION, ERROR)))));
    line.put("schema", "toolwatch.v1");
    line.put("level", failure == null || byCaller ? "INFO" : "ERROR");
    line.put("kind", "tool");
    line.put("name", tool);
    line.put("tool", tool);
    line.put("service", variable("POWERTOOLS_SERVICE_NAME", "toolwatch"));
    line.put("environment", variable("TOOLWATCH_ENVIRONMENT", "unknown"));
    line.put("version", variable("TOOLWATCH_VERSION", "unknown"));
    line.put("event_id", id);
    line.put("correlation_id", id);
    line.put("tenant_id", "default");
    line.put("started_at", TIME.format(now.minus((long) durationMs, ChronoUnit.MILLIS)));
    line.put("finished_at", TIME.format(now));
    line.put("duration_ms", durationMs);
    line.put("cold_start", isFirst);
    line.put("attempts", 1);
    line.put("success", failure == null);
    if (failure != null) {
      line.put("error_code", failure.code());
      line.put("error_type", failure.type());
      line.put("error_message", failure.message());
      line.put("error_fingerprint", "v3:" + hash(tool, failure.code(), failure.type(), failure.message()));
      line.put("fault", failure.fault());
      line.put("retryable", failure.retryable());
    }
    line.put("error", failure != null && !byCaller ? 1 : 0);
    line.put("caller_error", byCaller ? 1 : 0);
    line.put("slow", 0);
    isFirst = false;
    System.out.write((json(line) + "\n").getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  private static String variable(String name, String otherwise) {
    return System.getenv().getOrDefault(name, otherwise);
  }

  private static String hash(String... parts) throws Exception {
    byte[] text = String.join("\n", parts).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text)).substring(0, 16);
  }

  private static String json(Object value) {
    if (value instanceof Map<?, ?> map) {
      List<String> members = map.entrySet().stream().map(e -> json(e.getKey()) + ":" + json(e.getValue())).toList();
      return "{" + String.join(",", members) + "}";
    }
    if (value instanceof List<?> list) return "[" + String.join(",", list.stream().map(ToolwatchLine::json).toList()) + "]";
    if (!(value instanceof String text)) return String.valueOf(value);
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      boolean isPlain = c >= ' ' && c != '"' && c != '\\' && !Character.isSurrogate(c);
      quoted.append(isPlain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
    }
    return quoted.append('"').toString();
  }

  /** A success, a refused request and a failure of ours. */
  public static void main(String[] names) throws Exception {
    for (String name : names) {
      write(name, 12.5, null);
      write(name, 1, new Failure("INVALID_INPUT", "http_404", "answered 404", "caller", false));
      write(name, 3_000, new Failure("INTERNAL_ERROR", "IllegalState", "line\nfeed \"quoted\" \ud83d\ude00", "ours", true));
    }
  }
}
