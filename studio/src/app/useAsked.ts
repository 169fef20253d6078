import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Problem } from "../api";

/** What came of a question: the newest answer, whether another is awaited, what went wrong. */
export interface Asked<T> { answer: T | null; problem: Problem | null; waiting: boolean }

/** Ask anew whenever `key` changes; what was asked before is cancelled, on the server too. A null key asks nothing. */
export function useAsked<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [state, setState] = useState<Asked<T>>({ answer: null, problem: null, waiting: key !== null });
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (key === null) return undefined;
    const stopper = new AbortController();
    setState((before) => ({ ...before, problem: null, waiting: true }));
    latest.current(stopper.signal).then(
      (answer) => { if (!stopper.signal.aborted) setState({ answer, problem: null, waiting: false }); },
      (error: unknown) => {
        if (!stopper.signal.aborted) setState({ answer: null, problem: asProblem(error), waiting: false });
      },
    );
    return () => stopper.abort();
  }, [key]);
  return state;
}

/** What a person is told of an error. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return { message: String(error), hint: "", code: "" };
}
