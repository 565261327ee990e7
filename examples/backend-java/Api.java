import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * An API that asks FaceAuth what each access token is worth (RFC 7662). It learns at once that a
 * session has ended, and pays a request for it. The samples in Node and Python verify tokens by
 * themselves instead, and learn it when the token expires.
 */
public final class Api {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Longest that FaceAuth is waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Requests that are answered at the same time; each waits for FaceAuth. */
    private static final int THREADS = 16;

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final URI introspection;
    private final String credentials;
    private final String audience;

    private Api(String issuer, String clientId, String secret, String audience)
            throws IOException, InterruptedException {
        this.audience = audience;
        this.credentials = basic(clientId, secret);
        URI metadata = URI.create(issuer + "/.well-known/openid-configuration");
        HttpRequest request = HttpRequest.newBuilder(metadata).timeout(PATIENCE).build();
        String body = http.send(request, BodyHandlers.ofString()).body();
        introspection = URI.create(JSON.readTree(body).path("introspection_endpoint").asText());
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Api api = new Api(
                required("ISSUER"),
                required("CLIENT_ID"),
                required("CLIENT_SECRET"),
                required("AUDIENCE"));
        int port = Integer.parseInt(required("PORT"));
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/", api::answer);
        server.start();
        System.out.println("ready at http://localhost:" + port);
    }

    private static String required(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException(name + " must be set: docs/integrate/api.md says how");
        }
        return value;
    }

    /** Id and secret, each encoded as in a form (RFC 6749, 2.3.1). */
    private static String basic(String id, String secret) {
        byte[] pair = (encoded(id) + ":" + encoded(secret)).getBytes(StandardCharsets.US_ASCII);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Optional<JsonNode> caller;
            try {
                caller = caller(exchange.getRequestHeaders().getFirst("Authorization"));
            } catch (IOException unreachable) {
                // Nobody is let in while nobody can be asked.
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            if (caller.isEmpty()) {
                exchange.getResponseHeaders()
                        .set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            JsonNode token = caller.get();
            Map<String, String> told =
                    Map.of("sub", token.path("sub").asText(), "acr", token.path("acr").asText());
            byte[] body = JSON.writeValueAsBytes(told);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Who is calling; empty when the token is not for us or not good any more. */
    private Optional<JsonNode> caller(String header) throws IOException {
        if (header == null || !header.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return Optional.empty();
        }
        String form = "token=" + encoded(header.substring(7).strip());
        HttpRequest request = HttpRequest.newBuilder(introspection)
                .timeout(PATIENCE)
                .header("Authorization", credentials)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
        JsonNode token;
        try {
            var answer = http.send(request, BodyHandlers.ofString());
            if (answer.statusCode() == 400) {
                return Optional.empty();
            }
            if (answer.statusCode() != 200) {
                throw new IOException("introspection answers " + answer.statusCode());
            }
            token = JSON.readTree(answer.body());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
        boolean good = token.path("active").asBoolean()
                // A refresh token has no type.
                && token.path("token_type").asText().equals("Bearer")
                && isForUs(token.path("aud"));
        return good ? Optional.of(token) : Optional.empty();
    }

    private boolean isForUs(JsonNode audiences) {
        for (JsonNode named : audiences) {
            if (named.asText().equals(audience)) {
                return true;
            }
        }
        return false;
    }
}
