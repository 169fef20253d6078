import type { Problem } from "../api";

/** What went wrong, and what to do. */
export function ProblemBox(props: { problem: Problem; children?: preact.ComponentChildren }) {
  const { message, hint } = props.problem;
  return (
    <div class="problem" role="alert">
      <strong>{message}</strong>
      {hint && <p>{hint}</p>}
      {props.children}
    </div>
  );
}
