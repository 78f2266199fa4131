package stack.root;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/** GET / and GET /_license, which live in modules that are not published; clients ask both. */
public class RootPlugin extends Plugin implements ActionPlugin {
    private volatile ClusterService cluster;

    private interface Body {
        void write(XContentBuilder builder) throws IOException;
    }

    @Override
    public Collection<?> createComponents(PluginServices services) {
        cluster = services.clusterService();
        return List.of();
    }

    @Override
    public Collection<RestHandler> getRestHandlers(
        Settings settings, NamedWriteableRegistry registry, RestController controller,
        ClusterSettings clusterSettings, IndexScopedSettings indexSettings, SettingsFilter filter,
        IndexNameExpressionResolver resolver, Supplier<DiscoveryNodes> nodes,
        Predicate<NodeFeature> feature) {
        return List.of(answer("/", this::writeRoot), answer("/_license", RootPlugin::writeLicense));
    }

    private void writeRoot(XContentBuilder builder) throws IOException {
        Build build = Build.current();
        builder.field("name", cluster.getNodeName())
            .field("cluster_name", cluster.getClusterName().value())
            .field("cluster_uuid", cluster.state().metadata().clusterUUID())
            .startObject("version")
            .field("number", build.version())
            .field("build_flavor", build.flavor())
            .field("build_hash", build.hash())
            .field("build_date", build.date())
            .field("build_snapshot", build.isSnapshot())
            .field("minimum_wire_compatibility_version", build.minWireCompatVersion())
            .field("minimum_index_compatibility_version", build.minIndexCompatVersion())
            .endObject()
            .field("tagline", "You Know, for Search");
    }

    private static void writeLicense(XContentBuilder builder) throws IOException {
        builder.startObject("license")
            .field("status", "active")
            .field("uid", "stack")
            .field("type", "basic")
            .endObject();
    }

    private static RestHandler answer(String path, Body body) {
        return new BaseRestHandler() {
            @Override
            public String getName() {
                return "stack" + path;
            }

            @Override
            public List<Route> routes() {
                return List.of(new Route(RestRequest.Method.GET, path), new Route(RestRequest.Method.HEAD, path));
            }

            @Override
            protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
                request.param("human");
                return channel -> {
                    XContentBuilder builder = channel.newBuilder().startObject();
                    body.write(builder);
                    channel.sendResponse(new RestResponse(RestStatus.OK, builder.endObject()));
                };
            }
        };
    }
}
