"""StreamService on grpcio: all four kinds of RPC."""
import collections
import itertools
import threading
import time

from google.rpc import code_pb2, error_details_pb2


class StreamService:
    """A method per RPC; answers are dicts of the fields, or an iterator of them. `abort(context, code, message,
    detail)` ends a call with a google.rpc detail."""

    def __init__(self, abort):
        self._abort = abort
        # Events that a call was cancelled, by its id, with the moment in milliseconds.
        self._cancelled = collections.defaultdict(threading.Event)
        self._moments = {}

    def _over(self, context):
        """An event that is set when the call is over; while its method runs, only a cancellation does that."""
        over = threading.Event()
        context.add_callback(over.set)
        return over

    def _note_cancelled(self, id):
        self._moments[id] = int(time.time() * 1000)
        self._cancelled[id].set()

    def Count(self, request, context):
        for value in range(1, request.count + 1):
            time.sleep(request.interval_ms / 1000)
            yield {"value": value}

    def Sum(self, requests, context):
        values = [request.value for request in requests]
        return {"sum": sum(values), "count": len(values)}

    def Echo(self, requests, context):
        for request in requests:
            yield {"value": request.value}

    def Fail(self, request, context):
        for value in (1, 2, 3):
            yield {"value": value}
        self._abort(context, code_pb2.FAILED_PRECONDITION, "broken after three numbers",
                    error_details_pb2.PreconditionFailure(violations=[
                        {"type": "STREAM", "subject": request.subject, "description": "ends here"}]))

    def Forever(self, request, context):
        over = self._over(context)
        try:
            for value in itertools.count(1):
                if over.wait(request.interval_ms / 1000):
                    break
                yield {"value": value}
        finally:  # grpcio takes no further value of a call that is over
            self._note_cancelled(request.id)

    def Slow(self, request, context):
        if self._over(context).wait(request.seconds):
            self._note_cancelled(request.id)
        return {"seconds": request.seconds}

    def AwaitCancelled(self, request, context):
        self._cancelled[request.id].wait()
        return {"unix_ms": self._moments[request.id]}
