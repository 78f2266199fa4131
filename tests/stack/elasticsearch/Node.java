package stack;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.plugins.PluginsLoader;

/** Runs one Elasticsearch node until SIGTERM: Node HOME CONFIG-FOLDER. */
public class Node {
    public static void main(String[] arguments) throws Exception {
        LogConfigurator.configureESLogging(); // first of all, or the rest has no logger
        LogConfigurator.registerErrorListener();
        Map<String, String> paths = Map.of("path.home", arguments[0]);
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            Settings.EMPTY, paths, Path.of(arguments[1]), () -> "n1");
        LogConfigurator.configure(environment, true);
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()), Set.of(), Map.of());
        org.elasticsearch.node.Node node = new org.elasticsearch.node.Node(environment, plugins);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.prepareForClose();
                node.close();
            } catch (Exception e) {
                e.printStackTrace();
            }
            stopped.countDown();
        }));
        node.start();
        stopped.await();
    }
}
