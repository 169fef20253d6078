export default function SqlPage() {
  return <div class="page"><h1>SqlPage</h1></div>;
}
