"""Writes the line of a call, by the rules of docs/line.md. It needs nothing but Python's standard library."""
import datetime, functools, hashlib, json, os, time, uuid

IS_FIRST = [True]
DURATION, ERROR = {"Name": "duration_ms", "Unit": "Milliseconds"}, {"Name": "error", "Unit": "Count"}

def to_instant(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

def write_line(kind, name, success, duration_ms, **fields):
    """Writes the line of a call that ended now. A failure also says why, and who must act."""
    now, by_caller = time.time(), fields.get("fault") == "caller"
    record = {"service": os.environ.get("POWERTOOLS_SERVICE_NAME", "toolwatch"), "tenant_id": "default",
              "environment": os.environ.get("TOOLWATCH_ENVIRONMENT", "unknown"), "attempts": 1,
              "version": os.environ.get("TOOLWATCH_VERSION", "unknown"), "cold_start": bool(IS_FIRST and IS_FIRST.pop()),
              "event_id": str(uuid.uuid4()), "kind": kind, "name": name, "success": success, "duration_ms": duration_ms,
              "started_at": to_instant(now - duration_ms / 1000), "finished_at": to_instant(now), **fields}
    record.setdefault("correlation_id", record["event_id"])
    if not success:
        parts = [name, record["error_code"], record["error_type"], record["error_message"]]
        record["error_fingerprint"] = "v3:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    # A caller's fault is no sample of how often the tool fails.
    directive = {"Namespace": "Toolwatch", "Dimensions": [["service", "tool"]],
                 "Metrics": [DURATION] if by_caller else [DURATION, ERROR]}
    print(json.dumps({
        "_aws": {"Timestamp": int(now * 1000), "CloudWatchMetrics": [directive]}, "schema": "toolwatch.v1",
        "level": "INFO" if success or by_caller else "ERROR", **record,
        "tool": name if kind == "tool" else f"{kind}/{name}", "slow": 0,
        "error": int(not success and not by_caller), "caller_error": int(not success and by_caller)}), flush=True)

def observe_handler(name):
    """Decorates a Lambda handler: each of its runs writes a line of the tool `name`, and answers or raises as before."""
    def decorate(handler):
        @functools.wraps(handler)
        def run(event, context):
            started = time.perf_counter()
            def write(**fields):
                write_line("tool", name, not fields, (time.perf_counter() - started) * 1000, **fields)
            try:
                answer = handler(event, context)
            except BaseException as error:  # Its message may repeat an argument, so only its class is written.
                kind = type(error).__name__
                write(error_code="INTERNAL_ERROR", error_type=kind, error_message=kind, fault="ours", retryable=False)
                raise
            status = answer.get("statusCode", 200) if isinstance(answer, dict) else 200
            if not isinstance(status, int) or status < 400:
                write()
            else:
                code, fault = ("INVALID_INPUT", "caller") if status < 500 else ("INTERNAL_ERROR", "ours")
                write(error_code=code, error_type=f"http_{status}", error_message=f"answered {status}", fault=fault,
                      retryable=False)
            return answer
        return run
    return decorate
