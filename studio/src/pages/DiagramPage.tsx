export default function DiagramPage() {
  return <div class="page"><h1>DiagramPage</h1></div>;
}
