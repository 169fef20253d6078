export function JsonTree(props: { text: string; label: string }) { return <pre aria-label={props.label}>{props.text}</pre>; }
