import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Problem } from "../api";

/** What came of a question: the newest answer, whether another is awaited, what went wrong. */
export interface Asked<T> { answer: T | null; problem: Problem | null; waiting: boolean }

/**
 * Ask anew whenever `key` changes; what was asked before is cancelled, on the server too. A null key asks nothing.
 * An answer to another key than the one asked for now counts as awaited from the first drawing on.
 */
export function useAsked<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [state, setState] = useState<Asked<T> & { key: string | null }>({ key, answer: null, problem: null, waiting: key !== null });
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (key === null) return undefined;
    const stopper = new AbortController();
    setState((before) => ({ ...before, key, problem: null, waiting: true }));
    latest.current(stopper.signal).then(
      (answer) => { if (!stopper.signal.aborted) setState({ key, answer, problem: null, waiting: false }); },
      (error: unknown) => {
        if (!stopper.signal.aborted) setState({ key, answer: null, problem: asProblem(error), waiting: false });
      },
    );
    return () => stopper.abort();
  }, [key]);
  return { ...state, waiting: state.waiting || (key !== null && state.key !== key) };
}

/** What a person is told of an error. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return { message: String(error), hint: "", code: "" };
}
