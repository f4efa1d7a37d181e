from django.db import migrations
import wagtail.images.models

import academy.camera


class Migration(migrations.Migration):

    dependencies = [
        ('academy', '0007_message_tried'),
    ]

    operations = [
        migrations.AlterField(
            model_name='academyimage',
            name='file',
            field=academy.camera.PictureField(height_field='height', upload_to=wagtail.images.models.get_upload_to, verbose_name='file', width_field='width'),
        ),
    ]
