(function () {
  "use strict";
  var root = document.documentElement, data = JSON.parse(document.getElementById("curves-data").textContent);
  var reading = document.getElementById("reading"), at = null;
  root.classList.add("scripted");

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function view() { return document.querySelector('input[name="view"]:checked').value; }
  function chosen() { return all('input[name="policy"]:checked').map(function (box) { return box.value; }); }
  function shown(share) {
    return view() === "gain" ? (share > 0 ? "+" : "") + (100 * share).toFixed(2) + "\u00a0points" : (100 * share).toFixed(1) + "\u00a0%";
  }

  function show() {
    var now = view(), policies = chosen();
    all("figure[data-view]").forEach(function (figure) { figure.classList.toggle("off", figure.dataset.view !== now); });
    all("g[data-policy]").forEach(function (line) { line.classList.toggle("off", policies.indexOf(line.dataset.policy) < 0); });
    root.classList.toggle("few", policies.length <= 2);
    if (at !== null) { read(at); }
  }

  function read(place) {
    var curves = data[view()], policies = chosen(), some = curves[Object.keys(curves)[0]];
    at = Math.max(0, Math.min(place, some.day.length - 1));
    var words = policies.filter(function (policy) { return curves[policy]; }).map(function (policy) {
      var curve = curves[policy];
      return curve.title + " " + shown(curve.mean[at]) + " (" + shown(curve.low[at]) + " to " + shown(curve.high[at]) + ")";
    });
    reading.textContent = "Day " + some.day[at] + ": " + words.join("; ") + ". In brackets: 5th to 95th percentile over draws.";
    all("svg[data-scale]").forEach(function (chart) {
      var scale = chart.dataset.scale.split(" ").map(Number), share = (some.day[at] - scale[2]) / (scale[3] - scale[2]);
      var x = scale[0] + share * (scale[1] - scale[0]), cursor = chart.querySelector(".cursor");
      cursor.setAttribute("x1", x); cursor.setAttribute("x2", x);
    });
  }

  function nearest(chart, clientX) {
    var box = chart.getBoundingClientRect(), width = chart.viewBox.baseVal.width, scale = chart.dataset.scale.split(" ").map(Number);
    var x = (clientX - box.left) / box.width * width, day = scale[2] + (x - scale[0]) / (scale[1] - scale[0]) * (scale[3] - scale[2]);
    var curves = data[view()], days = curves[Object.keys(curves)[0]].day, best = 0;
    days.forEach(function (known, place) { if (Math.abs(known - day) < Math.abs(days[best] - day)) { best = place; } });
    return best;
  }

  all("svg[data-scale]").forEach(function (chart) {
    chart.addEventListener("pointermove", function (event) { read(nearest(chart, event.clientX)); });
    chart.addEventListener("pointerdown", function (event) { read(nearest(chart, event.clientX)); });
    chart.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowLeft: -1, Home: -1e6, End: 1e6 }[event.key];
      if (step) { event.preventDefault(); read((at === null ? 0 : at) + step); }
    });
  });
  all('input[name="view"], input[name="policy"]').forEach(function (box) { box.addEventListener("change", show); });

  var policy = document.getElementById("group-policy"), day = document.getElementById("group-day");
  function group() {
    all("[data-group-policy]").forEach(function (table) {
      table.classList.toggle("off", table.dataset.groupPolicy !== policy.value || table.dataset.groupDay !== day.value);
    });
  }
  if (policy) { policy.addEventListener("change", group); day.addEventListener("change", group); }
  window.addEventListener("beforeprint", function () { all("details").forEach(function (part) { part.open = false; }); });
  show();
}());
